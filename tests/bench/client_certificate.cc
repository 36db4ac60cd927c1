/// h2load has no option for a client certificate. Preloaded into it, this gives every TLS context
/// the certificate and key of the PEM file named by UNDERSTUDY_BENCH_PEM.

#include <dlfcn.h>
#include <openssl/ssl.h>

#include <cstdlib>

extern "C" SSL_CTX* SSL_CTX_new(const SSL_METHOD* method) {
  using Function = SSL_CTX* (*)(const SSL_METHOD*);
  static const auto original = reinterpret_cast<Function>(dlsym(RTLD_NEXT, "SSL_CTX_new"));
  SSL_CTX* context = original(method);
  const char* file = std::getenv("UNDERSTUDY_BENCH_PEM");
  if (context == nullptr || file == nullptr) return context;
  const bool taken = SSL_CTX_use_certificate_file(context, file, SSL_FILETYPE_PEM) == 1 &&
                     SSL_CTX_use_PrivateKey_file(context, file, SSL_FILETYPE_PEM) == 1;
  if (!taken) std::abort();  // a run without the certificate would measure something else
  return context;
}
