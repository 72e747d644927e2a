#include "git/kept_objects.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "fs/files.hpp"
#include "fs/status.hpp"
#include "fs/tree_writer.hpp"

#include <algorithm>

namespace savepoint::git {
namespace {

constexpr std::string_view k_directory = "savepoint-kept";
/// The largest number git takes for a time. Nothing is older than that: it stays even if all
/// reflogs are to expire now.
constexpr std::string_view k_end_of_time = "18446744073709551615";

bool is_id(std::string_view text) {
  constexpr std::size_t k_sha1_digits = 40;
  constexpr std::size_t k_sha256_digits = 64;
  return (text.size() == k_sha1_digits || text.size() == k_sha256_digits) &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

void write(const std::filesystem::path& path, const std::string& text) {
  fs::AtomicFile file(path);
  file.write(as_bytes(text));
  file.commit();
}

} // namespace

KeptObjects::KeptObjects(std::filesystem::path common_directory, std::string_view owner)
    : references_(common_directory / k_directory / owner),
      reflogs_(common_directory / "logs" / k_directory / owner),
      prefix_(std::string(k_directory) + "/" + std::string(owner) + "/") {
  if (!fs::is_component(owner)) {
    bug("the owner of kept objects is no component of a path");
  }
}

std::string KeptObjects::reference(std::string_view object) const {
  return prefix_ + std::string(object);
}

bool KeptObjects::is_kept(const std::string& object) const {
  return fs::status(reflogs_ / object).has_value();
}

bool KeptObjects::keep(const std::string& object) const {
  if (!is_id(object)) {
    bug("what is to be kept is not the id of an object");
  }
  if (is_kept(object)) {
    return false;
  }
  fs::make_directories(references_);
  fs::make_directories(reflogs_);
  // The reference first: git complains of a reflog without one.
  write(references_ / object, object + "\n");
  write(reflogs_ / object, std::string(object.size(), '0') + " " + object +
                               " savepoint <savepoint> " + std::string(k_end_of_time) +
                               " +0000\tneeded by a snapshot\n");
  return true;
}

void KeptObjects::release(const std::string& object) const {
  if (!is_id(object)) {
    return;
  }
  fs::remove_file(reflogs_ / object);
  fs::remove_file(references_ / object);
}

std::vector<std::string> KeptObjects::list() const {
  std::vector<std::string> objects = fs::list_names(references_);
  std::erase_if(objects, [](const std::string& name) { return !is_id(name); });
  return objects;
}

} // namespace savepoint::git
