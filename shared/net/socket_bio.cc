#include "shared/net/socket_bio.h"

#include <openssl/bio.h>
#include <sys/socket.h>

#include <cerrno>

namespace understudy::net {
namespace {

int send_quietly(BIO* bio, const char* data, int size) {
  BIO_clear_retry_flags(bio);
  errno = 0;
  const auto sent = send(static_cast<int>(BIO_get_fd(bio, nullptr)), data,
                         static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (sent <= 0 && BIO_sock_should_retry(static_cast<int>(sent)) != 0) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

BIO_METHOD* make_method() {
  const BIO_METHOD* base = BIO_s_socket();
  BIO_METHOD* method = BIO_meth_new(BIO_TYPE_SOCKET, "socket without SIGPIPE");
  if (method == nullptr) return nullptr;
  BIO_meth_set_write(method, send_quietly);
  BIO_meth_set_read(method, BIO_meth_get_read(base));
  BIO_meth_set_ctrl(method, BIO_meth_get_ctrl(base));
  BIO_meth_set_create(method, BIO_meth_get_create(base));
  BIO_meth_set_destroy(method, BIO_meth_get_destroy(base));
  return method;
}

}  // namespace

bio_st* new_socket_bio(int descriptor) {
  static const BIO_METHOD* const method = make_method();
  BIO* bio = method == nullptr ? nullptr : BIO_new(method);
  if (bio != nullptr) BIO_set_fd(bio, descriptor, BIO_NOCLOSE);
  return bio;
}

}  // namespace understudy::net
