// Shapes for the self-test of tools/lint/co_await: compiled, never run.
#include <string>
#include <utility>
#include <vector>

#include "shared/net/asio.h"

namespace understudy {

struct Request {
  std::string text;
  int number = 0;
};

Task<int> take(Request request) {
  co_return request.number + static_cast<int>(request.text.size());
}
template <class F>
Task<int> call(F function) {
  co_return function();
}

Task<int> cases(std::string text) {
  int sum = co_await take(Request{text, 1});                               // MATCH
  sum += co_await call([text] { return static_cast<int>(text.size()); });  // MATCH
  std::vector<Request> all;
  all.push_back(Request{text, co_await take(Request(all.front()))});  // MATCH

  Request named{text, 2};
  sum += co_await take(std::move(named));
  auto function = [text] { return static_cast<int>(text.size()); };
  sum += co_await call(std::move(function));
  co_return sum;
}

}  // namespace understudy
