/// The limit that a TLS connection's memory is compared to: OpenSSL on a descriptor and nothing
/// else, the same settings as ours. Both ends in processes of their own.
///
///   tls_pair serve CERTIFICATE_PEM COUNT      prints its port, then its figures
///   tls_pair connect PORT COUNT               prints its figures
///
/// Each says {"before_kb": ..., "resident_kb": ..., "seconds": ...} when all are connected, and
/// waits for the end of its standard input. Connections are made one after the other: the client's
/// seconds are what both ends of a handshake cost together.

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

namespace {

[[noreturn]] void give_up(const char* what) {
  std::cerr << "tls_pair: " << what << " failed\n";
  std::exit(2);
}

std::uint64_t resident_kb() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t total = 0, resident = 0;
  statm >> total >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) / 1024;
}

SSL_CTX* make_context(const SSL_METHOD* method) {
  SSL_CTX* context = SSL_CTX_new(method);
  if (context == nullptr) give_up("SSL_CTX_new");
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 0);
  return context;
}

SSL* open(SSL_CTX* context, int descriptor) {
  const int yes =
      1;  // else the last flight of a handshake waits 40 ms for a delayed acknowledgment
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  SSL* ssl = SSL_new(context);
  if (ssl == nullptr || SSL_set_fd(ssl, descriptor) != 1) give_up("SSL_new");
  return ssl;
}

/// One octet each way, so that nothing of the handshake is pending.
void echo(SSL* ssl, bool server) {
  char octet = 'x';
  const bool done = server ? SSL_read(ssl, &octet, 1) == 1 && SSL_write(ssl, &octet, 1) == 1
                           : SSL_write(ssl, &octet, 1) == 1 && SSL_read(ssl, &octet, 1) == 1;
  if (!done) give_up("echo");
}

using Clock = std::chrono::steady_clock;

void report_and_wait(std::uint64_t before, Clock::time_point began,
                     const std::vector<SSL*>& connections) {
  const std::chrono::duration<double> took = Clock::now() - began;
  std::cout << "{\"before_kb\": " << before << ", \"resident_kb\": " << resident_kb()
            << ", \"seconds\": " << took.count() << ", \"connections\": " << connections.size()
            << "}" << std::endl;
  std::string line;
  while (std::getline(std::cin, line)) {
  }
}

int serve(const char* pem, std::size_t count) {
  SSL_CTX* context = make_context(TLS_server_method());
  if (SSL_CTX_use_certificate_chain_file(context, pem) != 1 ||
      SSL_CTX_use_PrivateKey_file(context, pem, SSL_FILETYPE_PEM) != 1) {
    give_up("certificate");
  }
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* any = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener, any, size) != 0 || listen(listener, 1024) != 0 ||
      getsockname(listener, any, &size) != 0) {
    give_up("listen");
  }
  std::cout << ntohs(address.sin_port) << std::endl;
  const std::uint64_t before = resident_kb();
  const auto began = Clock::now();
  std::vector<SSL*> connections;
  while (connections.size() < count) {
    SSL* ssl = open(context, accept(listener, nullptr, nullptr));
    if (SSL_accept(ssl) != 1) give_up("SSL_accept");
    echo(ssl, true);
    connections.push_back(ssl);
  }
  report_and_wait(before, began, connections);
  return 0;
}

int connect_all(std::uint16_t port, std::size_t count) {
  SSL_CTX* context = make_context(TLS_client_method());
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  const std::uint64_t before = resident_kb();
  const auto began = Clock::now();
  std::vector<SSL*> connections;
  while (connections.size() < count) {
    const int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      give_up("connect");
    }
    SSL* ssl = open(context, descriptor);
    if (SSL_connect(ssl) != 1) give_up("SSL_connect");
    echo(ssl, false);
    connections.push_back(ssl);
  }
  report_and_wait(before, began, connections);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc == 4 ? argv[1] : "";
  if (what == "serve") return serve(argv[2], std::stoul(argv[3]));
  if (what == "connect") {
    return connect_all(static_cast<std::uint16_t>(std::stoul(argv[2])), std::stoul(argv[3]));
  }
  std::cerr << "usage: tls_pair serve PEM COUNT | tls_pair connect PORT COUNT\n";
  return 1;
}
