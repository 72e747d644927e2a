#include "base/error.hpp"
#include "base/printable.hpp"
#include "fs/directories.hpp"
#include "fs/files.hpp"
#include "fs/tree_writer.hpp"
#include "restore/internal/database_output.hpp"
#include "restore/internal/new_directory.hpp"
#include "restore/internal/select.hpp"
#include "restore/internal/tree_output.hpp"
#include "restore/restore.hpp"
#include "store/content.hpp"

namespace savepoint::restore {
namespace {

using manifest::DatabaseComponent;
using manifest::Manifest;

void write_text(const fs::Descriptor& directory, const char* name, std::string_view text) {
  fs::write_at(fs::create_file_at(directory, name, 0644), as_bytes(text), 0);
}

/// The keys of every config file, one a line, each file under a comment with its path.
std::string keys_of(const Manifest& target) {
  std::string text;
  if (target.config) {
    for (const manifest::ConfigFile& file : target.config->files) {
      if (file.keys.empty()) {
        continue;
      }
      text += text.empty() ? "# " : "\n# ";
      text += printable(file.path) + "\n";
      for (const std::string& key : file.keys) {
        text += printable(key) + "=\n";
      }
    }
  }
  return text;
}

void export_code(const store::Store& store, const Manifest& target, const fs::Descriptor& top,
                 const project::Context& context) {
  fs::make_directory_at(top, "codebase", 0755);
  if (!target.code) {
    return;
  }
  const std::optional<fs::Descriptor> codebase = fs::open_beneath(top, "codebase");
  if (!codebase) {
    throw BusyError("the directory 'codebase' went away while it was being filled");
  }
  TreeOutput output(store, *codebase, *context.cancellation, *context.progress, OnDamage::stop);
  const store::HardLinks links = target.code->hard_links
                                     ? store::get_hard_links(store, *target.code->hard_links)
                                     : store::HardLinks();
  output.write(target.code->tree, links, PathFilter(std::vector<std::string>()));
  output.finish();
}

/// What a dump of a server's database is called behind its name, so that its own tools know it.
std::string_view suffix_of(std::string_view driver) {
  return driver == "mariadb" ? ".sql" : ".dump";
}

/// The image of a server's database is what its dump program wrote.
void write_dump(const store::Store& store, const DatabaseComponent& database,
                const fs::Descriptor& top, const std::string& path,
                const project::Context& context) {
  const std::optional<fs::Descriptor> parent = fs::open_beneath(top, parent_of(path));
  if (!parent) {
    throw BusyError("the directory 'databases' went away while it was being filled");
  }
  const fs::Descriptor file = fs::create_file_at(*parent, std::string(last_of(path)).c_str(), 0600);
  store::read_content(store, database.image,
                      [&](std::uint64_t offset, ByteView bytes, std::uint64_t hole) {
                        context.cancellation->check();
                        fs::write_at(file, bytes, offset);
                        context.progress->advance(0, bytes.size() + hole);
                      });
  fs::set_size(file, database.image.size); // should it end in a hole
}

void export_databases(const store::Store& store, const Manifest& target,
                      const NewDirectory& directory, const project::Context& context) {
  require_sound_databases(store, target, target.databases);
  fs::make_directory_at(directory.descriptor(), "databases", 0755);
  for (const DatabaseComponent& database : target.databases) {
    const bool is_file = !database.path.empty();
    const std::string below =
        is_file ? database.path : database.name + std::string(suffix_of(database.driver));
    require_writable_path(below);
    const std::string path = "databases/" + below;
    static_cast<void>(fs::make_beneath(directory.descriptor(), parent_of(path)));
    if (is_file) {
      make_database_file(store, database, directory.path() / path, *context.cancellation,
                         *context.progress);
    } else {
      write_dump(store, database, directory.descriptor(), path, context);
    }
  }
}

} // namespace

void export_to(const store::Store& store, const Manifest& target,
               const std::filesystem::path& directory, const project::Context& context) {
  NewDirectory made(directory);
  context.progress->stage("exporting", target.bytes());
  export_code(store, target, made.descriptor(), context);
  export_databases(store, target, made, context);
  fs::make_directory_at(made.descriptor(), "environment", 0755);
  write_text(*fs::open_beneath(made.descriptor(), "environment"), ".env.keys", keys_of(target));
  write_text(made.descriptor(), "manifest.json", json::print(manifest::to_json(target)));
  made.commit();
}

} // namespace savepoint::restore
