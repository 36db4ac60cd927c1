#include "agent/cli/counts.h"

#include "agent/session/conversation.h"
#include "shared/core/errc.h"

namespace understudy::agent::cli {
namespace {

std::string text_of(const AgentEvent& event, std::string_view field) {
  for (const auto& [name, value] : event.fields) {
    const auto* text = std::get_if<std::string>(&value);
    if (name == field && text != nullptr) return *text;
  }
  return "";
}

}  // namespace

void Counts::see(const AgentEvent& event) {
  if (event.name == "command") ++statuses_[text_of(event, "status")];
  if (event.name != "conversation") return;
  ++conversations_;
  const std::string end = text_of(event, "end");
  if (end != end_name(End::retry) && end != end_name(End::unenrolled)) return;
  const auto failed = fail(errc::io, text_of(event, "why"));
  failures_.failed(failed.value(), "conversation");
}

}  // namespace understudy::agent::cli
