/// InstallMedia, ManagedMediaList, RemoveMedia. Sources: mdm/commands/media.*.yaml.

#include <algorithm>

#include "agent/commands/arguments.h"
#include "agent/commands/errors.h"
#include "agent/commands/handlers.h"
#include "agent/commands/reply.h"

namespace understudy::agent {
namespace {

Outcome reject(std::int64_t code, const char* reason, std::string why) {
  Outcome outcome = Outcome::refusal(code, std::move(why));
  outcome.body.emplace("RejectionReason", reason);
  return outcome;
}

/// "pdf" of "https://example.org/handbook.pdf".
std::string extension_of(const std::string& url) {
  const auto dot = url.rfind('.');
  return dot == std::string::npos || url.find('/', dot) != std::string::npos ? ""
                                                                             : url.substr(dot + 1);
}

Book book_of(const mdm::Command& command) {
  Book book;
  book.store_id = number_argument(command, "iTunesStoreID").value_or(0);
  book.persistent_id = text_argument(command, "PersistentID").value_or("");
  book.url = text_argument(command, "MediaURL").value_or("");
  book.kind = text_argument(command, "Kind").value_or(extension_of(book.url));
  book.version = text_argument(command, "Version").value_or("");
  book.author = text_argument(command, "Author").value_or("");
  book.title = text_argument(command, "Title").value_or("");
  book.state = book.store_id != 0 ? "Installed" : "Managed";  // the store's own are not managed
  return book;
}

bool same_book(const Book& a, const Book& b) {
  return a.store_id == b.store_id && a.persistent_id == b.persistent_id;
}

}  // namespace

Outcome install_media(Device& device, const mdm::Command& command, const Surroundings&) {
  if (text_argument(command, "MediaType") != "Book") {
    return reject(codes::kInvalidMediaType, "WrongMediaType", "MediaType is not \"Book\".");
  }
  Book book = book_of(command);
  if (book.store_id < 0 || (book.store_id == 0 && book.url.empty())) {
    return reject(codes::kUnknownMediaId, "CouldNotVerifyITunesStoreID",
                  "InstallMedia names no book that exists.");
  }
  if (book.store_id == 0 && !book.url.starts_with("https://")) {
    return reject(codes::kInvalidUrl, "DownloadInvalid", "MediaURL is no https URL.");
  }
  if (book.store_id == 0 && device.shared_ipad) {
    return reject(codes::kInvalidMediaType, "EnterpriseBooksNotSupportedInMultiUser",
                  "A Shared iPad takes books of the store only.");
  }
  plist::Dict body;
  if (book.store_id != 0) body.emplace("iTunesStoreID", book.store_id);
  put_text(body, "MediaURL", book.url);
  put_text(body, "PersistentID", book.persistent_id);
  body.emplace("MediaType", "Book");
  body.emplace("State", "Queued");
  std::erase_if(device.books, [&](const Book& old) { return same_book(old, book); });
  device.books.push_back(std::move(book));
  return Outcome::acknowledged(std::move(body));
}

Outcome managed_media_list(Device& device, const mdm::Command&, const Surroundings&) {
  plist::Array books;
  for (const Book& book : device.books) {
    plist::Dict entry;
    entry.emplace("iTunesStoreID", book.store_id);
    entry.emplace("State", book.state);
    put_text(entry, "PersistentID", book.persistent_id);
    put_text(entry, "Kind", book.kind);
    put_text(entry, "Version", book.version);
    put_text(entry, "Author", book.author);
    put_text(entry, "Title", book.title);
    books.emplace_back(std::move(entry));
  }
  plist::Dict body;
  body.emplace("Books", std::move(books));
  return Outcome::acknowledged(std::move(body));
}

Outcome remove_media(Device& device, const mdm::Command& command, const Surroundings&) {
  // The schema types the number as a string here. A book that is not there is no error.
  const std::string store_id = text_argument(command, "iTunesStoreID").value_or("");
  const std::string persistent_id = text_argument(command, "PersistentID").value_or("");
  std::erase_if(device.books, [&](const Book& book) {
    const bool by_store = book.store_id != 0 && std::to_string(book.store_id) == store_id;
    return by_store || (!book.persistent_id.empty() && book.persistent_id == persistent_id);
  });
  return Outcome::acknowledged();
}

}  // namespace understudy::agent
