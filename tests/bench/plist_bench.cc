// Property lists, per MB, beside libplist on the same document: an InstalledApplicationList of 300
// applications.

#include <benchmark/benchmark.h>
#include <plist/plist.h>

#include <cstdlib>
#include <string>

#include "shared/plist/plist.h"

namespace understudy {
namespace {

plist::Value application_list() {
  plist::Array apps;
  for (int i = 0; i < 300; ++i) {
    const std::string number = std::to_string(i);
    apps.emplace_back(plist::Dict{{"Identifier", "com.example.application." + number},
                                  {"Name", "Application & Friends " + number},
                                  {"Version", "1.2." + number},
                                  {"ShortVersion", "1.2"},
                                  {"BundleSize", std::int64_t{1'000'000} * i},
                                  {"DynamicSize", 4096 * i},
                                  {"Installing", false},
                                  {"IsValidated", true}});
  }
  return plist::Dict{{"Status", "Acknowledged"}, {"InstalledApplicationList", std::move(apps)}};
}

const std::string& xml() {
  static const std::string text = plist::write_xml(application_list()).value();
  return text;
}
const Bytes& binary() {
  static const Bytes bytes = plist::write_binary(application_list()).value();
  return bytes;
}

void count(benchmark::State& state, std::size_t size) {
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(size));
}

void plist_read_xml(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(plist::read_xml(as_bytes(xml())));
  count(state, xml().size());
}
BENCHMARK(plist_read_xml);

void plist_read_xml_libplist(benchmark::State& state) {
  for (auto _ : state) {
    plist_t root = nullptr;
    plist_from_xml(xml().data(), static_cast<std::uint32_t>(xml().size()), &root);
    plist_free(root);
  }
  count(state, xml().size());
}
BENCHMARK(plist_read_xml_libplist);

void plist_read_binary(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(plist::read_binary(binary()));
  count(state, binary().size());
}
BENCHMARK(plist_read_binary);

void plist_read_binary_libplist(benchmark::State& state) {
  for (auto _ : state) {
    plist_t root = nullptr;
    plist_from_bin(reinterpret_cast<const char*>(binary().data()),
                   static_cast<std::uint32_t>(binary().size()), &root);
    plist_free(root);
  }
  count(state, binary().size());
}
BENCHMARK(plist_read_binary_libplist);

void plist_write_xml(benchmark::State& state) {
  const plist::Value value = application_list();
  for (auto _ : state) benchmark::DoNotOptimize(plist::write_xml(value));
  count(state, xml().size());
}
BENCHMARK(plist_write_xml);

void plist_write_xml_libplist(benchmark::State& state) {
  plist_t root = nullptr;
  plist_from_xml(xml().data(), static_cast<std::uint32_t>(xml().size()), &root);
  for (auto _ : state) {
    char* text = nullptr;
    std::uint32_t size = 0;
    plist_to_xml(root, &text, &size);
    benchmark::DoNotOptimize(text);
    std::free(text);  // NOLINT: libplist allocates with malloc
  }
  plist_free(root);
  count(state, xml().size());
}
BENCHMARK(plist_write_xml_libplist);

}  // namespace
}  // namespace understudy
