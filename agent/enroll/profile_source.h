#pragma once

/// Where an enrollment profile comes from: a file, read once, or a URL, fetched for each device (a
/// server may give each one its own challenge).

#include <memory>
#include <string>
#include <vector>

#include "shared/crypto/certificate.h"
#include "shared/net/http_client.h"

namespace understudy::agent {

/// More is no enrollment profile, whatever it is.
inline constexpr std::size_t kMaxProfileBytes = std::size_t{16} * 1024 * 1024;

/// "http://" or "https://" in front.
bool is_url(const std::string& source);

/// Errors: errc::not_found, errc::io, errc::limit.
Result<Bytes> read_profile(const std::string& path);
/// Errors: net::http_errc; errc::not_found for an HTTP status other than 200.
Task<Result<net::HttpResponse>> fetch_profile(net::HttpClient& http, std::string url,
                                              std::vector<crypto::Certificate> anchors,
                                              bool allow_http);

}  // namespace understudy::agent
