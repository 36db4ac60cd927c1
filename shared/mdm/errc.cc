#include "shared/mdm/errc.h"

namespace understudy {

std::string ErrcTraits<mdm::errc>::describe(mdm::errc code) {
  switch (code) {
    case mdm::errc::not_a_plist:
      return "not a property list";
    case mdm::errc::missing_key:
      return "a required key is missing";
    case mdm::errc::wrong_type:
      return "a key has the wrong type";
    case mdm::errc::bad_value:
      return "a value is not allowed";
    case mdm::errc::unknown_message:
      return "no such message";
    case mdm::errc::no_mdm_payload:
      return "no MDM payload";
    case mdm::errc::two_mdm_payloads:
      return "more than one MDM payload";
    case mdm::errc::no_identity:
      return "the identity cannot be found";
    case mdm::errc::insecure_url:
      return "not an https URL";
    case mdm::errc::bad_topic:
      return "not an MDM push topic";
    case mdm::errc::bad_rights:
      return "an impossible sum of access rights";
    case mdm::errc::bad_signature:
      return "the signature does not verify";
  }
  return "unknown error";
}

}  // namespace understudy
