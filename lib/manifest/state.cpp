#include "manifest/manifest.hpp"

#include "base/binary.hpp"
#include "hash/sha256.hpp"

#include <algorithm>

namespace savepoint::manifest {
namespace {

/// Separates this digest from every other that we compute, and one definition of it from the next.
constexpr std::string_view k_domain = "savepoint state 1";
/// Stands where the form of an image would.
constexpr std::uint8_t k_by_content = 255;

/// Pointers to `items` in the order of what `projection` says of each.
template <typename T, typename Projection>
std::vector<const T*> sorted(const std::vector<T>& items, Projection projection) {
  std::vector<const T*> pointers;
  pointers.reserve(items.size());
  for (const T& item : items) {
    pointers.push_back(&item);
  }
  std::ranges::sort(pointers, {}, [&](const T* item) { return std::invoke(projection, *item); });
  return pointers;
}

void add(BinaryWriter& out, const std::optional<std::string>& text) {
  out.u8(text ? 1 : 0);
  out.string(text.value_or(""));
}

void add(BinaryWriter& out, const std::optional<hash::Digest>& digest) {
  out.u8(digest ? 1 : 0);
  out.raw(digest.value_or(hash::Digest{}).view());
}

void add(BinaryWriter& out, const std::optional<CodeComponent>& code) {
  out.u8(code ? 1 : 0);
  if (code) {
    out.raw(code->state.view());
    add(out, code->hard_links);
  }
}

void add(BinaryWriter& out, const std::optional<ConfigComponent>& config) {
  out.u8(config ? 1 : 0);
  if (!config) {
    return;
  }
  out.varint(config->files.size());
  for (const ConfigFile* const file : sorted(config->files, &ConfigFile::path)) {
    out.string(file->path);
    out.string(file->sha256);
    out.u32(file->mode);
    out.u8(file->stored ? 1 : 0);
  }
}

/// The same value with the members of every object sorted: their order means nothing.
json::Value canonical(json::Value value) {
  if (value.is_object()) {
    for (auto& member : value.members()) {
      member.second = canonical(std::move(member.second));
    }
    std::ranges::sort(value.members(), {},
                      [](const auto& member) -> const std::string& { return member.first; });
  } else if (value.is_array()) {
    for (json::Value& item : value.items()) {
      item = canonical(std::move(item));
    }
  }
  return value;
}

/// What a driver says of the content of a database whose image may differ where the content does
/// not: dumps number things anew.
std::optional<std::string> content_of(const DatabaseComponent& database) {
  const json::Value* const content =
      database.details.is_object() ? database.details.find("content") : nullptr;
  return content != nullptr && content->is_string() && !content->as_string().empty()
             ? std::optional(content->as_string())
             : std::nullopt;
}

void add(BinaryWriter& out, const std::vector<DatabaseComponent>& databases) {
  out.varint(databases.size());
  for (const DatabaseComponent* const database : sorted(databases, &DatabaseComponent::name)) {
    out.string(database->name);
    out.string(database->driver);
    out.string(database->path);
    if (content_of(*database)) {
      out.u8(k_by_content); // the details have it
    } else {
      out.u8(static_cast<std::uint8_t>(database->image.form));
      out.u64(database->image.size);
      out.raw(database->image.id.view());
    }
    out.string(json::print_line(canonical(database->details)));
  }
}

void add(BinaryWriter& out, const std::optional<GitState>& git) {
  out.u8(git ? 1 : 0);
  if (!git) {
    return;
  }
  add(out, git->branch);
  add(out, git->commit);
  out.string(git->operation);
  out.u64(git->staged_count);
  out.varint(git->staged.size());
  for (const GitChange* const change : sorted(git->staged, &GitChange::path)) {
    out.string(change->path);
    out.string(change->code);
    out.string(change->object);
    out.u32(change->mode);
  }
  if (git->staged_digest) {
    out.raw(git->staged_digest->view());
  }
  if (git->tree) {
    out.raw(git->tree->view());
  }
}

} // namespace

bool is_same_content(const DatabaseComponent& a, const DatabaseComponent& b) {
  if (a.driver != b.driver) {
    return false;
  }
  const std::optional<std::string> content = content_of(a);
  return a.image == b.image || (content && content == content_of(b));
}

std::string state_of(const Manifest& manifest) {
  BinaryWriter out;
  out.string(k_domain);
  add(out, manifest.code);
  add(out, manifest.config);
  add(out, manifest.databases);
  add(out, manifest.git);
  return hash::sha256(out.view()).hex();
}

} // namespace savepoint::manifest
