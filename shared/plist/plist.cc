#include "shared/plist/plist.h"

namespace understudy::plist {

Result<Value> read(BytesView input, const ReadOptions& options) {
  if (as_text(input).starts_with("bplist")) return read_binary(input, options);
  return read_xml(input, options);
}

}  // namespace understudy::plist

std::string understudy::ErrcTraits<understudy::plist::errc>::describe(plist::errc code) {
  switch (code) {
    case plist::errc::empty:
      return "empty property list";
    case plist::errc::not_a_plist:
      return "not a property list";
    case plist::errc::syntax:
      return "malformed property list";
    case plist::errc::too_large:
      return "property list over the size limit";
    case plist::errc::too_deep:
      return "property list over the depth limit";
    case plist::errc::too_many:
      return "property list over the limit of values";
    case plist::errc::wrong_type:
      return "property list value of the wrong type";
    case plist::errc::unwritable:
      return "value that a property list of this format cannot hold";
  }
  return "unknown property list error";
}
