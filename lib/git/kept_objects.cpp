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

/// What a directory is accessible to, as those above it in a repository are.
std::uint32_t mode_of(const std::filesystem::path& directory) {
  constexpr std::uint32_t k_owner = 0700;
  constexpr std::uint32_t k_shared = 02777; // set-group-id too
  const auto status = fs::status(directory);
  return k_owner | ((status ? status->mode : 0) & k_shared);
}

std::uint32_t mode_of_files(std::uint32_t directory) {
  return directory & 0666U;
}

/// What is another user's stays as it is.
void add_mode(const std::filesystem::path& path, std::uint32_t mode) {
  const auto status = fs::status(path);
  if (status && (status->mode & mode) != mode) {
    std::error_code ignored;
    std::filesystem::permissions(path, static_cast<std::filesystem::perms>(mode),
                                 std::filesystem::perm_options::add, ignored);
  }
}

void write(const std::filesystem::path& path, const std::string& text, std::uint32_t mode) {
  fs::AtomicFile file(path);
  file.write(as_bytes(text));
  file.commit_as(path, fs::AtomicFile::SyncDirectory::no);
  add_mode(path, mode);
}

} // namespace

KeptObjects::KeptObjects(std::filesystem::path common_directory, std::string_view owner)
    : common_directory_(std::move(common_directory)),
      references_(common_directory_ / k_directory / owner),
      reflogs_(common_directory_ / "logs" / k_directory / owner),
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
  return keep(std::vector<std::string>{object}) == 1;
}

std::size_t KeptObjects::keep(const std::vector<std::string>& objects) const {
  std::vector<std::string> wanted;
  for (const std::string& object : objects) {
    if (!is_id(object)) {
      bug("what is to be kept is not the id of an object");
    }
    if (!is_kept(object)) {
      wanted.push_back(object);
    } else {
      open_to_others(object);
    }
  }
  if (wanted.empty()) {
    return 0;
  }
  make_directories();
  const std::uint32_t mode = mode_of_files(mode_of(common_directory_));
  // The references first: git complains of a reflog without one.
  for (const std::string& object : wanted) {
    write(references_ / object, object + "\n", mode);
  }
  fs::sync_directory(references_);
  for (const std::string& object : wanted) {
    write(reflogs_ / object,
          std::string(object.size(), '0') + " " + object + " savepoint <savepoint> " +
              std::string(k_end_of_time) + " +0000\tneeded by a snapshot\n",
          mode);
  }
  fs::sync_directory(reflogs_);
  return wanted.size();
}

void KeptObjects::make_directories() const {
  const std::uint32_t mode = mode_of(common_directory_);
  for (const std::filesystem::path& directory : {references_, reflogs_}) {
    fs::make_directories(directory);
    add_mode(directory.parent_path(), mode);
    add_mode(directory, mode);
  }
  add_mode(common_directory_ / "logs", mode);
}

/// Where the repository came to be shared later.
void KeptObjects::open_to_others(const std::string& object) const {
  const std::uint32_t mode = mode_of(common_directory_);
  for (const std::filesystem::path& directory : {references_, reflogs_}) {
    add_mode(directory.parent_path(), mode);
    add_mode(directory, mode);
    add_mode(directory / object, mode_of_files(mode));
  }
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
