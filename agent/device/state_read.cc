/// Property list -> Device. Absent members are empty; a member of another type is damage.

#include <algorithm>
#include <limits>

#include "agent/device/state_members.h"
#include "shared/plist/plist.h"

namespace understudy::agent {
namespace {

using plist::Dict;
using plist::Value;

/// Reads the members of one dictionary. The first thing that is wrong is kept in `fault`, with its
/// path; after that nothing is read any more.
class Reader {
 public:
  Reader(const Dict& dict, std::string path, std::string& fault)
      : dict_(dict), path_(std::move(path)), fault_(fault) {}

  template <class T>
  void operator()(std::string_view key, T& out) {
    const Value* value = find(key);
    if (value != nullptr) {
      read(key, *value, out);
    } else if constexpr (std::is_arithmetic_v<T>) {
      out = T{};
    }
  }
  template <class T>
  void operator()(std::string_view key, std::optional<T>& out) {
    const Value* value = find(key);
    if (value != nullptr) read(key, *value, out.emplace());
  }
  template <class T>
  void always(std::string_view key, T& out) {
    if (!dict_.contains(key)) blame(key, "is missing");
    (*this)(key, out);
  }
  template <class T, std::size_t N>
  void choice(std::string_view key, T& out, const std::array<std::string_view, N>& names) {
    std::string name;
    (*this)(key, name);
    const auto known = std::ranges::find(names, name);
    if (known == names.end()) return blame(key, "is unknown");
    out = static_cast<T>(known - names.begin());
  }

 private:
  const Value* find(std::string_view key) const {
    if (!fault_.empty()) return nullptr;
    const auto found = dict_.find(key);
    return found == dict_.end() ? nullptr : &found->second;
  }
  std::string path_of(std::string_view key) const {
    return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
  }
  void blame(std::string_view key, std::string_view what) {
    if (fault_.empty()) fault_ = path_of(key) + " " + std::string(what);
  }

  template <class T>
  void copy(std::string_view key, const Value& value, const T* content, T& out) {
    if (content == nullptr) {
      return blame(key, "cannot be " + std::string(plist::type_name(value.type())));
    }
    out = *content;
  }
  void read(std::string_view key, const Value& value, std::string& out) {
    copy(key, value, value.if_string(), out);
  }
  void read(std::string_view key, const Value& value, Bytes& out) {
    copy(key, value, value.if_data(), out);
  }
  void read(std::string_view key, const Value& value, bool& out) {
    copy(key, value, value.if_bool(), out);
  }
  void read(std::string_view key, const Value& value, double& out) {
    copy(key, value, value.if_real(), out);
  }
  void read(std::string_view key, const Value& value, plist::Date& out) {
    copy(key, value, value.if_date(), out);
  }
  void read(std::string_view key, const Value& value, Dict& out) {
    copy(key, value, value.if_dict(), out);
  }
  void read(std::string_view key, const Value& value, std::int64_t& out) {
    const auto number = value.if_int();
    number ? static_cast<void>(out = *number) : blame(key, "is no integer");
  }
  void read(std::string_view key, const Value& value, std::uint64_t& out) {
    const auto number = value.if_uint();
    number ? static_cast<void>(out = *number) : blame(key, "is no unsigned integer");
  }
  void read(std::string_view key, const Value& value, std::uint32_t& out) {
    std::uint64_t wide = 0;
    read(key, value, wide);
    if (wide > std::numeric_limits<std::uint32_t>::max()) return blame(key, "is too large");
    out = static_cast<std::uint32_t>(wide);
  }

  template <class T>
  void read(std::string_view key, const Value& value, std::vector<T>& out) {
    const plist::Array* array = value.if_array();
    if (array == nullptr) return blame(key, "is no array");
    for (const Value& element : *array) {
      const std::string place = std::string(key) + "[" + std::to_string(out.size()) + "]";
      T& item = out.emplace_back();
      constexpr bool kIsStruct = !std::same_as<T, std::string> && !std::same_as<T, Bytes>;
      if (kIsStruct && element.if_dict() == nullptr) {
        return blame(key, "has an element that is no dictionary");
      }
      read(place, element, item);
    }
  }
  /// A dictionary with members of its own.
  template <class T>
  void read(std::string_view key, const Value& value, T& out) {
    const Dict* dict = value.if_dict();
    if (dict == nullptr) return blame(key, "is no dictionary");
    Reader inner(*dict, path_of(key), fault_);
    members(inner, out);
  }

  const Dict& dict_;
  std::string path_;
  std::string& fault_;
};

}  // namespace

Result<Device> deserialize(BytesView bytes) {
  const auto value = plist::read_binary(bytes);
  if (!value) return fail(errc::corrupt, "device state: " + value.error().message());
  const Dict* dict = value->if_dict();
  if (dict == nullptr) return fail(errc::corrupt, "device state: it is no dictionary");
  if (value->int_at("Version") != kStateVersion) {
    return fail(errc::corrupt, "device state: its version is not 1",
                "use the program that wrote it, or a newer one");
  }
  Device device;
  std::string fault;
  Reader reader(*dict, "", fault);
  members(reader, device);
  if (fault.empty() && !mdm::Version::parse(device.hardware.os_version)) {
    fault = "Hardware.OSVersion is no version";
  }
  if (!fault.empty()) return fail(errc::corrupt, "device state: " + fault);
  return device;
}

}  // namespace understudy::agent
