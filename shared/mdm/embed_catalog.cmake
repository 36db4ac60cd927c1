# cmake -DINPUT=catalog.json -DOUTPUT=catalog_lines.cc -DNAME=catalog_lines -P embed_catalog.cmake
# Each line becomes one raw string: the whole as one literal would be longer than compilers must take.
file(READ "${INPUT}" text)
string(REGEX REPLACE "\n$" "" text "${text}")
string(REPLACE "\n" ")json\",\nR\"json(" text "${text}")
file(WRITE "${OUTPUT}" "#include \"shared/mdm/catalog_lines.h\"

namespace understudy::mdm {
namespace {
constexpr std::string_view kLines[] = {
R\"json(${text})json\"};
}  // namespace
std::span<const std::string_view> ${NAME}() { return kLines; }
}  // namespace understudy::mdm
")
