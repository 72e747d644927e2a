#include "drivers/mariadb/internal/encryption.hpp"

#include "base/ascii.hpp"
#include "base/error.hpp"
#include "base/printable.hpp"

#include <algorithm>
#include <string_view>

namespace savepoint::drivers::mariadb {

namespace {

using Words = std::initializer_list<std::string_view>;

bool is_one_of(std::string_view word, Words words) {
  return std::ranges::find(words, word) != words.end();
}

/// Without what the spellings of several languages differ in.
std::string plain(std::string_view text) {
  std::string word = lower(text);
  std::erase_if(word,
                [](char c) { return k_blank.find(c) != k_blank.npos || c == '-' || c == '_'; });
  return word;
}

enum class Wanted { nothing, encrypted, verified, unknown };

Wanted meaning_of(std::string_view key, std::string_view value) {
  if (is_one_of(value, {"", "0", "no", "off", "false", "disable", "disabled", "allow", "prefer",
                        "preferred", "acceptinvalidcerts"})) {
    return Wanted::nothing;
  }
  if (is_one_of(value, {"verifyca", "verifyidentity", "verifyfull", "strict", "{}",
                        "{\"rejectunauthorized\":true}"})) {
    return Wanted::verified;
  }
  if (is_one_of(value,
                {"require", "required", "trust", "skipverify", "{\"rejectunauthorized\":false}"})) {
    return Wanted::encrypted;
  }
  if (is_one_of(value, {"1", "yes", "on", "true"})) {
    // Go checks the certificate unless it is told not to.
    return is_one_of(key, {"ssl", "sslmode", "usessl", "requiressl"}) ? Wanted::encrypted
                                                                      : Wanted::verified;
  }
  return Wanted::unknown;
}

} // namespace

Encryption encryption_of(const database::Address& address) {
  Encryption encryption;
  bool is_optional = false; // what is said of certificates does not matter then
  for (const auto& [name, value] : address.parameters) {
    const std::string key = plain(name);
    if (is_one_of(key, {"sslca", "sslrootcert", "serversslcert"})) {
      encryption.authority = value;
      encryption.is_required = true;
      continue;
    }
    if (!is_one_of(key, {"ssl", "sslmode", "usessl", "requiressl", "tls", "sslaccept", "sslverify",
                         "sslverifycert", "verifyservercertificate"})) {
      continue;
    }
    const Wanted wanted = meaning_of(key, plain(value));
    if (wanted == Wanted::unknown) {
      throw RefusedError("the connection to " + quoted(database::display(address)) +
                             " asks for encryption in a way that savepoint does not know, by " +
                             quoted(name) + ": no connection was made",
                         "let the URL have ssl-mode=REQUIRED or ssl-mode=VERIFY_IDENTITY, and "
                         "ssl-ca=FILE for an authority of your own");
    }
    is_optional = is_optional || (wanted == Wanted::nothing && !value.empty() &&
                                  is_one_of(key, {"ssl", "sslmode", "usessl", "tls"}));
    encryption.is_required = encryption.is_required || wanted != Wanted::nothing;
    encryption.is_verified = encryption.is_verified || wanted == Wanted::verified;
  }
  return is_optional ? Encryption() : encryption;
}

void throw_not_encrypted(const database::Address& address) {
  throw RefusedError("the connection to " + quoted(database::display(address)) +
                         " asks for encryption, and the server has none: no password was sent",
                     "set up TLS on the server, or take the setting out of the connection");
}

} // namespace savepoint::drivers::mariadb
