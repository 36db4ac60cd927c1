#include "server-mock/workflow/vital.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/system/system_error.hpp>

namespace understudy::server {
namespace {

void rethrow_named(const std::string& name, const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const boost::system::system_error& e) {
    if (e.code() != asio::error::operation_aborted) throw PartFailed(name + ": " + e.what());
  } catch (const std::exception& e) {
    throw PartFailed(name + ": " + e.what());
  } catch (...) {
    throw PartFailed(name + ": an unknown exception");
  }
}

}  // namespace

void spawn_vital(const asio::any_io_executor& executor, std::string name, Task<void> task) {
  auto on_end = [name = std::move(name)](const std::exception_ptr& error) {
    if (error) rethrow_named(name, error);
  };
  asio::co_spawn(executor, std::move(task), std::move(on_end));
}

}  // namespace understudy::server
