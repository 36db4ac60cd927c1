#include "server-mock/apns/h2_session.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <array>
#include <map>

#include "shared/core/errc.h"

namespace understudy::apns_mock {
namespace {

constexpr std::size_t kUsualOutput = 4096;
/// Thrown away after an early answer, so that simple clients finish and read it; then RST_STREAM.
constexpr std::size_t kMaxDiscarded = std::size_t{1024} * 1024;

struct Stream {
  H2Request request;
  std::size_t header_bytes = 0;
  std::size_t discarded = 0;
  bool headers_done = false;
  bool passed_on = false;      ///< the handler has it
  bool request_ended = false;  ///< the peer has sent everything
  std::string response;
  std::size_t response_sent = 0;
};

nghttp2_nv field_of(std::string_view name, std::string_view value, bool unique = false) {
  nghttp2_nv field{};  // nghttp2 copies names and values, its interface only lacks the const
  field.name = const_cast<std::uint8_t*>(as_bytes(name).data());    // NOLINT
  field.value = const_cast<std::uint8_t*>(as_bytes(value).data());  // NOLINT
  field.namelen = name.size();
  field.valuelen = value.size();
  if (unique) field.flags = NGHTTP2_NV_FLAG_NO_INDEX;
  return field;
}

class Engine {
 public:
  Engine(const H2Limits& limits, H2Session::OnRequest on_request);
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  ~Engine() = default;
  nghttp2_session* native() const { return session_.get(); }

  /// A request comes in several callbacks, mostly one after the other.
  Stream* find(std::int32_t id) {
    if (id == recent_id_ && id != 0) return recent_;
    const auto stream = streams_.find(id);
    if (stream == streams_.end()) return nullptr;
    recent_id_ = id;
    return recent_ = &stream->second;
  }
  void begin(const nghttp2_frame& frame);
  void header(std::int32_t id, std::string_view name, std::string_view value);
  void headers_end(std::int32_t id);
  void data(std::int32_t id, BytesView chunk);
  void request_end(std::int32_t id);
  void respond(std::int32_t id, H2Response response);
  void stream_end(std::int32_t id) {
    if (id == recent_id_) recent_id_ = 0;
    streams_.erase(id);
  }
  void settings() { started_ = true; }
  bool started() const { return started_; }
  std::int32_t oldest_incomplete() const;

 private:
  void pass_on(std::int32_t id, Stream& stream);
  void discard(std::int32_t id, Stream& stream, std::size_t size);

  H2Limits limits_;
  H2Session::OnRequest on_request_;
  std::map<std::int32_t, Stream> streams_;  ///< in the order in which they were opened
  std::int32_t recent_id_ = 0;              ///< 0: none; of `recent_`, which find() found last
  Stream* recent_ = nullptr;
  bool started_ = false;
  std::unique_ptr<nghttp2_session, decltype(&nghttp2_session_del)> session_{nullptr,
                                                                            nghttp2_session_del};
};

// NOLINTNEXTLINE(readability-function-size): nghttp2's signature
ssize_t read_response(nghttp2_session* /*session*/, std::int32_t /*id*/, std::uint8_t* buffer,
                      std::size_t size, std::uint32_t* flags, nghttp2_data_source* source,
                      void* /*user_data*/) {
  auto& stream = *static_cast<Stream*>(source->ptr);
  const std::size_t count = std::min(size, stream.response.size() - stream.response_sent);
  const BytesView piece = as_bytes(stream.response).subspan(stream.response_sent, count);
  std::copy(piece.begin(), piece.end(), buffer);
  stream.response_sent += count;
  if (stream.response_sent == stream.response.size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
  return static_cast<ssize_t>(count);
}

std::int32_t Engine::oldest_incomplete() const {
  for (const auto& [id, stream] : streams_) {
    if (!stream.passed_on) return id;
  }
  return 0;
}

void Engine::begin(const nghttp2_frame& frame) {
  if (frame.hd.type == NGHTTP2_HEADERS && frame.headers.cat == NGHTTP2_HCAT_REQUEST) {
    recent_id_ = frame.hd.stream_id;  // the largest so far: it goes to the end
    recent_ = &streams_.try_emplace(streams_.end(), recent_id_)->second;
  }
}

void Engine::header(std::int32_t id, std::string_view name, std::string_view value) {
  Stream* stream = find(id);
  if (stream == nullptr || stream->headers_done) return;    // trailers mean nothing here
  stream->header_bytes += name.size() + value.size() + 32;  // as RFC 9113 6.5.2 counts
  if (stream->header_bytes > limits_.header_bytes) return;
  if (name == ":method") {
    stream->request.method = value;
  } else if (name == ":path") {
    stream->request.path = value;
  } else if (!name.starts_with(':') && (limits_.wanted == nullptr || limits_.wanted(name))) {
    stream->request.headers.emplace_back(name, value);
  }
}

void Engine::headers_end(std::int32_t id) {
  Stream* stream = find(id);
  if (stream == nullptr || stream->headers_done) return;
  stream->headers_done = true;
  if (stream->header_bytes <= limits_.header_bytes) return;
  stream->request.headers_too_large = true;
  pass_on(id, *stream);
}

void Engine::data(std::int32_t id, BytesView chunk) {
  Stream* stream = find(id);
  if (stream == nullptr) return;
  if (stream->passed_on) return discard(id, *stream, chunk.size());
  Bytes& body = stream->request.body;
  const std::size_t room = limits_.body_bytes - body.size();
  const BytesView kept = chunk.first(std::min(room, chunk.size()));
  body.insert(body.end(), kept.begin(), kept.end());
  if (kept.size() == chunk.size()) return;
  stream->request.body_too_large = true;
  pass_on(id, *stream);
}

void Engine::request_end(std::int32_t id) {
  Stream* stream = find(id);
  if (stream == nullptr) return;
  stream->request_ended = true;
  if (!stream->passed_on) pass_on(id, *stream);
}

void Engine::pass_on(std::int32_t id, Stream& stream) {
  stream.passed_on = true;
  on_request_(id, std::move(stream.request));
}

void Engine::respond(std::int32_t id, H2Response response) {
  Stream* stream = find(id);
  if (stream == nullptr) return;
  stream->response = std::move(response.body);
  const std::string status = std::to_string(response.status);
  std::array<nghttp2_nv, H2Response::kMaxHeaders + 1> fields{};
  std::size_t count = 0;
  fields[count++] = field_of(":status", status);
  for (const auto& header :
       response.headers.first(std::min(response.headers.size(), H2Response::kMaxHeaders))) {
    fields[count++] = field_of(header.name, header.value, header.unique);
  }
  nghttp2_data_provider body{};
  body.source.ptr = stream;
  body.read_callback = read_response;
  const bool has_body = !stream->response.empty();
  nghttp2_submit_response(session_.get(), id, fields.data(), count, has_body ? &body : nullptr);
}

/// Answered before the request was complete: in the end the peer is told to stop (RFC 9113 8.1).
void Engine::discard(std::int32_t id, Stream& stream, std::size_t size) {
  const std::size_t before = std::exchange(stream.discarded, stream.discarded + size);
  if (before > kMaxDiscarded || stream.discarded <= kMaxDiscarded) return;
  nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, id, NGHTTP2_NO_ERROR);
}

Engine& self(void* user_data) {
  return *static_cast<Engine*>(user_data);
}

int on_begin_headers(nghttp2_session* /*session*/, const nghttp2_frame* frame, void* user_data) {
  self(user_data).begin(*frame);
  return 0;
}

// NOLINTNEXTLINE(readability-function-size): nghttp2's signature
int on_header(nghttp2_session* /*session*/, const nghttp2_frame* frame, const std::uint8_t* name,
              std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
              std::uint8_t /*flags*/, void* user_data) {
  self(user_data).header(frame->hd.stream_id, as_text(BytesView(name, name_size)),
                         as_text(BytesView(value, value_size)));
  return 0;
}

int on_data(nghttp2_session* /*session*/, std::uint8_t /*flags*/, std::int32_t id,
            const std::uint8_t* data, std::size_t size, void* user_data) {
  self(user_data).data(id, BytesView(data, size));
  return 0;
}

int on_frame(nghttp2_session* /*session*/, const nghttp2_frame* frame, void* user_data) {
  if (frame->hd.type == NGHTTP2_SETTINGS) self(user_data).settings();
  if (frame->hd.type == NGHTTP2_HEADERS) self(user_data).headers_end(frame->hd.stream_id);
  const bool carries = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
  if (carries && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) {
    self(user_data).request_end(frame->hd.stream_id);
  }
  return 0;
}

int on_stream_close(nghttp2_session* /*session*/, std::int32_t id, std::uint32_t /*error*/,
                    void* user_data) {
  self(user_data).stream_end(id);
  return 0;
}

using Callbacks =
    std::unique_ptr<nghttp2_session_callbacks, decltype(&nghttp2_session_callbacks_del)>;

Callbacks make_callbacks() {
  nghttp2_session_callbacks* made = nullptr;
  if (nghttp2_session_callbacks_new(&made) != 0) throw std::bad_alloc();
  Callbacks callbacks(made, nghttp2_session_callbacks_del);
  nghttp2_session_callbacks_set_on_begin_headers_callback(made, on_begin_headers);
  nghttp2_session_callbacks_set_on_header_callback(made, on_header);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, on_data);
  nghttp2_session_callbacks_set_on_frame_recv_callback(made, on_frame);
  nghttp2_session_callbacks_set_on_stream_close_callback(made, on_stream_close);
  return callbacks;
}

Engine::Engine(const H2Limits& limits, H2Session::OnRequest on_request)
    : limits_(limits), on_request_(std::move(on_request)) {
  const Callbacks callbacks = make_callbacks();
  nghttp2_session* made = nullptr;
  nghttp2_option* option = nullptr;
  if (nghttp2_option_new(&option) != 0) throw std::bad_alloc();
  nghttp2_option_set_no_closed_streams(option,
                                       1);  // they serve priorities, which mean nothing here
  const int status = nghttp2_session_server_new2(&made, callbacks.get(), this, option);
  nghttp2_option_del(option);
  if (status != 0) throw std::bad_alloc();
  session_.reset(made);
  const std::array<nghttp2_settings_entry, 2> settings = {
      nghttp2_settings_entry{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits_.concurrent_streams},
      nghttp2_settings_entry{NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE,
                             static_cast<std::uint32_t>(limits_.header_bytes)}};
  nghttp2_submit_settings(made, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
}

}  // namespace

struct H2Session::Impl : Engine {
  using Engine::Engine;
};

H2Session::H2Session(const H2Limits& limits, OnRequest on_request)
    : impl_(std::make_unique<Impl>(limits, std::move(on_request))) {}

H2Session::~H2Session() = default;

Result<void> H2Session::feed(BytesView octets) {
  const ssize_t read = nghttp2_session_mem_recv(impl_->native(), octets.data(), octets.size());
  if (read >= 0) return {};
  return fail(errc::io, std::string("HTTP/2: ") + nghttp2_strerror(static_cast<int>(read)));
}

Bytes H2Session::take_output() {
  Bytes output;
  output.reserve(kUsualOutput);
  for (;;) {
    const std::uint8_t* piece = nullptr;
    const ssize_t size = nghttp2_session_mem_send(impl_->native(), &piece);
    if (size <= 0) return output;
    output.insert(output.end(), piece, piece + size);
  }
}

void H2Session::respond(StreamId stream, H2Response response) {
  impl_->respond(stream, std::move(response));
}

void H2Session::refuse(StreamId stream) {
  nghttp2_submit_rst_stream(impl_->native(), NGHTTP2_FLAG_NONE, stream, NGHTTP2_REFUSED_STREAM);
}

void H2Session::set_concurrent_streams(std::uint32_t most) {
  const nghttp2_settings_entry setting{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, most};
  nghttp2_submit_settings(impl_->native(), NGHTTP2_FLAG_NONE, &setting, 1);
}

bool H2Session::started() const {
  return impl_->started();
}

H2Session::StreamId H2Session::oldest_incomplete() const {
  return impl_->oldest_incomplete();
}

void H2Session::go_away(std::string_view debug_data) {
  nghttp2_session* session = impl_->native();
  nghttp2_submit_goaway(session, NGHTTP2_FLAG_NONE,
                        nghttp2_session_get_last_proc_stream_id(session), NGHTTP2_NO_ERROR,
                        as_bytes(debug_data).data(), debug_data.size());
}

bool H2Session::finished() const {
  nghttp2_session* session = impl_->native();
  return nghttp2_session_want_read(session) == 0 && nghttp2_session_want_write(session) == 0;
}

}  // namespace understudy::apns_mock
