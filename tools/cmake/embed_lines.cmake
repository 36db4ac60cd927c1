# cmake -DINPUT=x.json -DOUTPUT=x_lines.cc -DHEADER=shared/mdm/x_lines.h -DNAMESPACE=understudy::mdm -DFUNCTION=x_lines
#       -P embed_lines.cmake
# Each line becomes one raw string: the whole as one literal would be longer than compilers must take.
file(READ "${INPUT}" text)
string(REGEX REPLACE "\n$" "" text "${text}")
string(REPLACE "\n" ")json\",\nR\"json(" text "${text}")
file(WRITE "${OUTPUT}" "#include \"${HEADER}\"

namespace ${NAMESPACE} {
namespace ${FUNCTION}_of_file {
constexpr std::string_view kLines[] = {
R\"json(${text})json\"};
}  // namespace ${FUNCTION}_of_file
std::span<const std::string_view> ${FUNCTION}() { return ${FUNCTION}_of_file::kLines; }
}  // namespace ${NAMESPACE}
")
