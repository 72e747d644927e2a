#include "store/internal/header.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "manifest/sealed_document.hpp"
#include "json/value.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <random>
#include <span>

namespace savepoint::store {

namespace {

constexpr std::string_view k_format = "savepoint-store";
constexpr std::int64_t k_version = 1;
constexpr std::string_view k_cutting_kind = "fastcdc";
constexpr std::size_t k_seed_digits = 16;
constexpr std::string_view k_checksum = "checksum";
constexpr std::array<std::string_view, 5> k_members{"format", "version", "id", "features",
                                                    "cutting"};
constexpr std::string_view k_upgrade_hint = "use a newer savepoint with this store";

constexpr std::string_view k_deltas = "deltas";
// What stores of the first version did not have.
constexpr std::array k_known_features{k_deltas};

bool is_known(const std::string& feature) {
  return std::ranges::count(k_known_features, feature) > 0;
}

[[noreturn]] void incompatible(const std::string& why) {
  throw NotFoundError(why, std::string(k_upgrade_hint));
}

std::vector<std::string> read_names(const json::Value& list) {
  std::vector<std::string> names;
  for (const json::Value& item : list.items()) {
    names.push_back(item.as_string());
  }
  return names;
}

json::Value write_names(const std::vector<std::string>& names) {
  json::Value list = json::Value::array();
  for (const std::string& name : names) {
    list.push(name);
  }
  return list;
}

std::string hex_of(std::uint64_t number) {
  std::array<char, k_seed_digits> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number, 16);
  static_cast<void>(error);
  const std::string_view shortest(digits.data(), static_cast<std::size_t>(end - digits.data()));
  return std::string(k_seed_digits - shortest.size(), '0').append(shortest);
}

std::uint64_t number_of(const std::string& hex, std::string_view what) {
  std::uint64_t number = 0;
  const char* const end = hex.data() + hex.size();
  const auto [stop, error] = std::from_chars(hex.data(), end, number, 16);
  if (hex.size() != k_seed_digits || error != std::errc{} || stop != end) {
    throw CorruptionError("the seed in " + quoted(what) + " is not a number");
  }
  return number;
}

StoreHeader read_header(const json::Value& document, std::string_view what) {
  for (const auto& [name, value] : document.members()) {
    if (std::ranges::count(k_members, name) == 0) { // such as a checksum that lost its name
      throw CorruptionError("the store is damaged: " + quoted(what) + " has " + quoted(name));
    }
  }
  StoreHeader header;
  header.id = document.at("id").as_string();
  const json::Value& features = document.at("features");
  header.read_features = read_names(features.at("read"));
  header.write_features = read_names(features.at("write"));
  header.prune_features = read_names(features.at("prune"));
  const json::Value& cutting = document.at("cutting");
  if (const std::string& kind = cutting.at("kind").as_string(); kind != k_cutting_kind) {
    incompatible("the store cuts contents by " + quoted(kind) + ", which is not known here");
  }
  header.cutting.seed = number_of(cutting.at("seed").as_string(), what);
  return header;
}

} // namespace

std::string random_hex(std::size_t bytes) {
  std::random_device device; // getrandom(2)
  std::string text;
  while (text.size() < 2 * bytes) {
    text += hex_of((std::uint64_t{device()} << 32U) | device());
  }
  text.resize(2 * bytes);
  return text;
}

StoreHeader make_header() {
  StoreHeader header;
  header.id = random_hex(16);
  header.cutting.seed = number_of(random_hex(k_seed_digits / 2), "store.json");
  for (auto* const features :
       {&header.read_features, &header.write_features, &header.prune_features}) {
    features->emplace_back(k_deltas);
  }
  return header;
}

std::string print_header(const StoreHeader& header) {
  json::Value document = json::Value::object();
  document.set("format", k_format).set("version", k_version).set("id", header.id);
  json::Value features = json::Value::object();
  features.set("read", write_names(header.read_features))
      .set("write", write_names(header.write_features))
      .set("prune", write_names(header.prune_features));
  json::Value cutting = json::Value::object();
  cutting.set("kind", k_cutting_kind).set("seed", hex_of(header.cutting.seed));
  document.set("features", std::move(features)).set("cutting", std::move(cutting));
  return manifest::print_sealed(std::move(document));
}

StoreHeader parse_header(std::string_view text, std::string_view what) {
  json::Value document;
  try {
    document = json::parse(text, what);
  } catch (const UsageError& error) {
    throw CorruptionError("the store is damaged: " + std::string(error.what()));
  }
  if (document.at("format").as_string() != k_format) {
    throw CorruptionError(quoted(what) + " does not belong to a savepoint store");
  }
  if (const std::int64_t version = document.at("version").as_integer(); version != k_version) {
    incompatible("the store is of version " + std::to_string(version) + ", and only version " +
                 std::to_string(k_version) + " is known here");
  }
  const bool has_checksum = document.members().back().first == k_checksum;
  if (has_checksum) {
    document.members().pop_back();
  }
  StoreHeader header = read_header(document, what);
  header.is_as_written = !has_checksum || manifest::print_sealed(document) == text;
  // Else whoever needs the feature is refused for it; that says more than a checksum.
  if (!header.is_as_written && header.has_known_features()) {
    throw CorruptionError("the store is damaged: " + quoted(what) + " does not match its checksum");
  }
  return header;
}

bool StoreHeader::has_known_features() const {
  return std::ranges::all_of(read_features, is_known) &&
         std::ranges::all_of(write_features, is_known) &&
         std::ranges::all_of(prune_features, is_known);
}

bool StoreHeader::has_deltas() const {
  return std::ranges::count(read_features, k_deltas) > 0;
}

void StoreHeader::require(Operation operation) const {
  const auto check = [](const std::vector<std::string>& wanted, std::string_view verb) {
    for (const std::string& name : wanted) {
      if (!is_known(name)) {
        incompatible("to " + std::string(verb) + " the store takes the feature " + quoted(name) +
                     ", which is not known here");
      }
    }
  };
  switch (operation) {
  case Operation::read:
    check(read_features, "read");
    return;
  case Operation::write:
    check(write_features, "write to");
    return;
  case Operation::prune:
    check(prune_features, "prune");
    return;
  }
}

} // namespace savepoint::store
