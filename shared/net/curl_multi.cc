#include "shared/net/curl_multi.h"

#include <boost/asio/post.hpp>
#include <new>

namespace understudy::net {
namespace {

/// Idle connections kept for reuse, of all identities together; one costs about 86 KB.
constexpr long kMaxIdleConnections = 256;
constexpr long kMaxStreamsPerConnection = 1000;  ///< the server's own limit is the lower one

void start_libcurl() {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (started != CURLE_OK) throw std::bad_alloc();
}

}  // namespace

CurlMulti::CurlMulti(const asio::any_io_executor& executor)
    : executor_(executor), timer_(executor), multi_(nullptr) {
  start_libcurl();
  multi_ = curl_multi_init();
  if (multi_ == nullptr) throw std::bad_alloc();
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &CurlMulti::on_socket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &CurlMulti::on_timer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, kMaxIdleConnections);
  curl_multi_setopt(multi_, CURLMOPT_MAX_CONCURRENT_STREAMS, kMaxStreamsPerConnection);
}

CurlMulti::~CurlMulti() {
  curl_multi_cleanup(multi_);  // closes the idle connections, which still calls on_socket
  while (!watches_.empty()) unwatch(watches_.begin()->first);
}

bool CurlMulti::add(CURL* easy) {
  return curl_multi_add_handle(multi_, easy) == CURLM_OK;
}

void CurlMulti::remove(CURL* easy) {
  curl_multi_remove_handle(multi_, easy);
}

int CurlMulti::on_socket(CURL* /*easy*/, curl_socket_t socket, int what, void* self,
                         void* /*watch*/) {
  auto* multi = static_cast<CurlMulti*>(self);
  if (what == CURL_POLL_REMOVE) {
    multi->unwatch(socket);
  } else {
    multi->watch(socket, what);
  }
  return 0;
}

int CurlMulti::on_timer(CURLM* /*multi*/, long timeout_ms, void* self) {
  auto* multi = static_cast<CurlMulti*>(self);
  multi->wanted_.reset();
  if (timeout_ms == 0) {  // not now: libcurl allows no call from its callback
    asio::post(multi->executor_, [weak = multi->weak_from_this()] {
      if (const auto alive = weak.lock()) alive->act(CURL_SOCKET_TIMEOUT, 0);
    });
  } else if (timeout_ms > 0) {
    multi->wake_at(std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms));
  }
  return 0;
}

/// libcurl changes its mind several times in each request, and to set the system's timer costs more
/// than to send one: a timer that is early is left alone, and set anew when it has expired.
void CurlMulti::wake_at(std::chrono::steady_clock::time_point when) {
  wanted_ = when;
  if (armed_ && *armed_ <= when) return;
  armed_ = when;
  timer_.expires_at(when);
  timer_.async_wait([weak = weak_from_this()](boost::system::error_code ec) {
    const auto alive = weak.lock();
    if (alive && !ec) alive->timer_expired();
  });
}

void CurlMulti::timer_expired() {
  armed_.reset();
  if (!wanted_) return;
  if (*wanted_ > std::chrono::steady_clock::now()) return wake_at(*wanted_);
  act(CURL_SOCKET_TIMEOUT, 0);
}

void CurlMulti::watch(curl_socket_t socket, int what) {
  WatchPtr& watch = watches_[socket];
  if (!watch) watch = std::make_shared<Watch>(executor_, socket);
  watch->wanted = what;
  arm(watch);
}

void CurlMulti::unwatch(curl_socket_t socket) {
  const auto found = watches_.find(socket);
  if (found == watches_.end()) return;
  found->second->wanted = CURL_POLL_NONE;
  found->second->descriptor.release();  // ends the waits; libcurl closes the descriptor
  watches_.erase(found);
}

void CurlMulti::arm(const WatchPtr& watch) {
  if ((watch->wanted & CURL_POLL_IN) != 0 && !watch->reading) arm_direction(watch, CURL_CSELECT_IN);
  if ((watch->wanted & CURL_POLL_OUT) != 0 && !watch->writing) {
    arm_direction(watch, CURL_CSELECT_OUT);
  }
}

void CurlMulti::arm_direction(const WatchPtr& watch, int event) {
  const bool is_read = event == CURL_CSELECT_IN;
  bool Watch::* const armed = is_read ? &Watch::reading : &Watch::writing;
  const int poll = is_read ? CURL_POLL_IN : CURL_POLL_OUT;
  const auto direction = is_read ? asio::posix::stream_descriptor::wait_read
                                 : asio::posix::stream_descriptor::wait_write;
  (*watch).*armed = true;
  watch->descriptor.async_wait(direction, [weak = weak_from_this(), watch, event, armed,
                                           poll](boost::system::error_code ec) {
    (*watch).*armed = false;
    const auto alive = weak.lock();
    if (!alive || (watch->wanted & poll) == 0) return;  // libcurl no longer wants to know
    alive->act(watch->number, ec ? event | CURL_CSELECT_ERR : event);
    if (!ec) alive->arm(watch);
  });
}

void CurlMulti::act(curl_socket_t socket, int events) {
  int running = 0;
  curl_multi_socket_action(multi_, socket, events, &running);
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    char* listener = nullptr;
    const CURLcode code = message->data.result;  // the message dies with the next call
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &listener);
    reinterpret_cast<CurlListener*>(listener)->finished(code);
  }
}

}  // namespace understudy::net
