#include "agent/control/control.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <mutex>
#include <thread>

#include "agent/control/message.h"
#include "shared/core/errc.h"
#include "tests/support/command.h"
#include "tests/support/temp_dir.h"

namespace understudy::agent::control {
namespace {

using ::testing::HasSubstr;

/// A server on a thread of its own, as another process would be.
class ControlTest : public testing::Test {
 protected:
  ControlTest() {
    auto handler = [this](const Request& request) {
      const std::scoped_lock lock(mutex);
      last = request;
      return reply;
    };
    auto started = Server::start(io.get_executor(), path, std::move(handler));
    if (!started) throw std::runtime_error(started.error().message());
    server = std::move(*started);
    thread = std::thread([this] { io.run(); });
  }
  ~ControlTest() override {
    io.stop();
    thread.join();
    server.reset();
    EXPECT_FALSE(std::filesystem::exists(path)) << "it goes with its server";
  }
  /// What was asked last.
  Request seen() {
    const std::scoped_lock lock(mutex);
    return last;
  }
  void answer_with(Reply next) {
    const std::scoped_lock lock(mutex);
    reply = std::move(next);
  }
  /// What a stranger's octets are answered with; socat-like, by python3.
  std::string say(const std::string& python_expression) const {
    const std::string script =
        "import socket,sys\n"
        "s = socket.socket(socket.AF_UNIX); s.settimeout(20); s.connect(sys.argv[1])\n"
        "s.sendall(" +
        python_expression +
        ")\n"
        "print(s.makefile().readline(), end='')\n";
    return support::run({"/usr/bin/python3", "-c", script, path.string()}).out;
  }

  support::TempDir directory;
  std::filesystem::path path = socket_path(directory.path());
  asio::io_context io;
  std::mutex mutex;  // for these two
  Request last;
  Reply reply{true, false, "done"};
  std::unique_ptr<Server> server;
  std::thread thread;
};

TEST_F(ControlTest, CarriesARequestAndItsReply) {
  const auto answer = ask(path, {"d1", "unlock", "4711 \"x\" \xc3\xa4"});
  ASSERT_TRUE(answer) << answer.error().message();
  ASSERT_TRUE(*answer);
  EXPECT_TRUE((*answer)->ok);
  EXPECT_EQ((*answer)->text, "done");
  EXPECT_EQ(seen().device, "d1");
  EXPECT_EQ(seen().action, "unlock");
  EXPECT_EQ(seen().argument, "4711 \"x\" \xc3\xa4");
}

TEST_F(ControlTest, TellsAMistakeFromAFailure) {
  for (const bool usage : {true, false}) {
    answer_with({false, usage, "no"});
    const auto answer = ask(path, {"d1", "lock", ""});
    ASSERT_TRUE(answer && *answer);
    EXPECT_FALSE((*answer)->ok);
    EXPECT_EQ((*answer)->usage, usage);
  }
}

TEST_F(ControlTest, IsForItsOwnerOnly) {
  struct stat status{};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(ControlTest, AnswersAStrangersLine) {
  EXPECT_EQ(say(R"(b'{"device":"d2","action":"lock"}\n')"), "{\"ok\":true,\"text\":\"done\"}\n");
  EXPECT_EQ(seen().device, "d2");
}

TEST_F(ControlTest, RefusesWhatIsNoRequestAndGoesOn) {
  for (const char* line : {R"(b'hello\n')", R"(b'[]\n')", R"(b'{"device":"d1"}\n')",
                           R"(b'{"device":1,"action":"lock"}\n')", R"(b'\n')",
                           R"(b'{"device":"d1","action":"lock","argument":[]}\n')"}) {
    EXPECT_THAT(say(line), HasSubstr(R"({"ok":false,"usage":true)")) << line;
  }
  EXPECT_TRUE(seen().device.empty());
  EXPECT_THAT(say(R"(b'{"device":"d1","action":"lock"}\n')"), HasSubstr("done"));
}

TEST_F(ControlTest, RefusesALineWithoutEnd) {
  EXPECT_THAT(say("b'x' * 4096"), HasSubstr(R"("ok":false)"));
  const auto answer = ask(path, {"d1", "lock", std::string(5000, 'x')});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, errc::limit);
}

TEST(Control, HasNobodyToAskWhereNobodyListens) {
  const support::TempDir directory;
  const auto path = socket_path(directory.path());
  auto none = ask(path, {"d1", "lock", ""});
  ASSERT_TRUE(none);
  EXPECT_FALSE(*none);
  // What kill -9 leaves behind.
  const std::string script =
      "import socket,sys; s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1])";
  ASSERT_EQ(support::run({"/usr/bin/python3", "-c", script, path.string()}).status, 0);
  ASSERT_TRUE(std::filesystem::exists(path));
  none = ask(path, {"d1", "lock", ""});
  ASSERT_TRUE(none) << none.error().message();
  EXPECT_FALSE(*none);
  asio::io_context io;
  const auto server =
      Server::start(io.get_executor(), path, [](const Request&) { return Reply(); });
  EXPECT_TRUE(server) << server.error().message();
}

TEST(Control, SaysThatAPathIsTooLongForASocket) {
  asio::io_context io;
  const std::filesystem::path path = "/tmp/" + std::string(200, 'x') + "/control.sock";
  const auto server =
      Server::start(io.get_executor(), path, [](const Request&) { return Reply(); });
  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().code, errc::limit);
  EXPECT_THAT(server.error().message(), HasSubstr("--state"));
}

TEST(Control, ReadsBackWhatItWrites) {
  const auto request = read_request(write(Request{"d1", "travel", "1,2"}));
  ASSERT_TRUE(request);
  EXPECT_EQ(request->argument, "1,2");
  const auto reply = read_reply(write(Reply{false, true, "line\nbreak"}));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->text, "line\nbreak");
  EXPECT_EQ(write(*reply).find('\n'), std::string::npos) << "one line";
  EXPECT_FALSE(read_reply("{}"));
}

}  // namespace
}  // namespace understudy::agent::control
