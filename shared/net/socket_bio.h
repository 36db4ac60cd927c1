#pragma once

/// Private to net/.

struct bio_st;

namespace understudy::net {

/// OpenSSL's own socket BIO, except that it sends with MSG_NOSIGNAL: a peer that is gone must not
/// end the process with SIGPIPE, and a library must not change the process's signals. Does not own
/// the descriptor. Null when there is no memory.
bio_st* new_socket_bio(int descriptor);

}  // namespace understudy::net
