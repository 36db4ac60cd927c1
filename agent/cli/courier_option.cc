#include "agent/cli/courier_option.h"

#include "shared/core/errc.h"
#include "shared/io/file.h"

namespace understudy::agent::cli {

Result<std::vector<crypto::Certificate>> read_anchors(const std::string& path) {
  if (path.empty()) return std::vector<crypto::Certificate>();
  const auto pem = io::read_file(path);
  if (!pem) return fail_in("--ca", pem.error());
  auto anchors = crypto::Certificate::all_from_pem(as_text(*pem));
  if (!anchors) return fail_in("--ca " + path, std::move(anchors).error());
  return anchors;
}

Result<std::optional<CourierAddress>> read_courier(
    const std::string& address, const std::vector<crypto::Certificate>& anchors) {
  if (address.empty()) return std::nullopt;
  auto parsed = CourierAddress::parse(address);
  if (!parsed) return fail_in("--courier", std::move(parsed).error());
  if (anchors.empty() && !parsed->light) {
    return fail(errc::invalid_argument, "--courier " + address + " without --ca",
                "give the CA file that the courier's certificate chains to");
  }
  return std::move(*parsed);
}

Result<std::shared_ptr<Courier>> make_courier(std::optional<CourierAddress> address,
                                              const std::vector<crypto::Certificate>& anchors,
                                              Process& process) {
  if (!address) return std::shared_ptr<Courier>();
  return Courier::make(process.io().get_executor(), process.clock(), std::move(*address), anchors);
}

}  // namespace understudy::agent::cli
