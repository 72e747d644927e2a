#include "fs/files.hpp"
#include "base/bytes.hpp"
#include "base/printable.hpp"
#include "fs/status.hpp"
#include "hooks/internal/places.hpp"
#include "hooks/internal/script.hpp"

#include <algorithm>
#include <string>

namespace savepoint::hooks {
namespace {

namespace filesystem = std::filesystem;

constexpr std::uint32_t k_executable = 0755;
constexpr std::uint32_t k_any_execute = 0111;
constexpr std::string_view k_aside_directory = "savepoint-orig";
constexpr std::string_view k_aside_suffix = ".savepoint-orig";

/// The file of one hook, as it is.
struct HookFile {
  filesystem::path path;
  std::optional<fs::FileStatus> status;
  std::string text;           ///< Of a regular file.
  std::optional<Found> found; ///< Our lines in it.

  [[nodiscard]] bool is_plain() const { return status && status->kind == fs::FileKind::regular; }
};

HookFile read_hook(const Surroundings& surroundings, Hook hook) {
  HookFile file;
  file.path = surroundings.default_directory() / name_of(hook);
  file.status = fs::status(file.path);
  if (file.is_plain()) {
    file.text = as_text(fs::read_file(file.path).value_or(Bytes()));
    file.found = find_lines(file.text);
  }
  return file;
}

/// Under this name the hook that was moved aside is run, because some look at what they are called.
filesystem::path run_as(const filesystem::path& path) {
  return path.parent_path() / k_aside_directory / path.filename();
}

/// In place of what the file has now; where it was moved aside, whatever that is.
void write(Plan& plan, const HookFile& file, std::string content, std::uint32_t mode,
           const std::optional<std::string>& before) {
  plan.edits.push_back({.kind = Edit::Kind::write,
                        .path = file.path,
                        .content = std::move(content),
                        .mode = mode,
                        .before = before});
}

void remove(Plan& plan, const filesystem::path& path) {
  plan.edits.push_back({.kind = Edit::Kind::remove, .path = path});
}

/// Puts our script in the place of a hook that cannot take our lines.
void move_aside(const HookFile& file, const Request& request, Plan& plan) {
  keep_aside(file.path, plan);
  if (!fs::status(run_as(file.path))) {
    plan.edits.push_back({.kind = Edit::Kind::symlink,
                          .path = aside(file.path),
                          .content = "../" + aside(file.path).filename().string(),
                          .to = run_as(file.path)});
  }
  write(plan, file, script_for(Form::aside, file.path.filename().string(), request.executable),
        k_executable, std::nullopt);
}

bool is_ours_alone(const HookFile& file) {
  return file.found && is_ours_alone(*file.found);
}

void put_into(const HookFile& file, const Request& request, Plan& plan) {
  const std::string name = file.path.filename().string();
  if (!file.status) {
    write(plan, file, script_for(Form::own, name, request.executable), k_executable, file.text);
    return;
  }
  if (file.found) {
    const std::string lines = lines_for(file.found->form, name, request.executable);
    const bool is_changed = lines != file.found->lines;
    const bool lost_its_right =
        is_ours_alone(file) && (file.status->mode & k_any_execute) != k_any_execute;
    if (is_changed || lost_its_right) {
      write(plan, file, with_lines(file.found->rest, lines),
            lost_its_right ? k_executable : file.status->mode, file.text);
    }
    return;
  }
  const bool is_run = (file.status->mode & k_any_execute) != 0;
  if (file.is_plain() && is_run && takes_lines(file.text)) {
    write(plan, file, with_lines(file.text, lines_for(Form::block, name, request.executable)),
          file.status->mode, file.text);
  } else {
    move_aside(file, request, plan);
  }
}

void take_out_of(const HookFile& file, Plan& plan) {
  if (!file.found) {
    return;
  }
  const bool has_other = file.found->form == Form::aside && fs::status(aside(file.path));
  if (!is_ours_alone(file)) {
    write(plan, file, file.found->rest, file.status->mode, file.text);
    if (has_other) {
      plan.notes.push_back(quoted(aside(file.path).string()) +
                           " stays: something else was written into " + quoted(file.path.string()));
    }
    return;
  }
  if (!has_other) {
    plan.edits.push_back({.kind = Edit::Kind::remove, .path = file.path, .before = file.text});
    return;
  }
  plan.edits.push_back(
      {.kind = Edit::Kind::move, .path = aside(file.path), .to = file.path, .before = file.text});
}

/// What an earlier hook was moved to is never overwritten.
void clear_the_way(const filesystem::path& path, Plan& plan) {
  if (!fs::status(aside(path))) {
    return;
  }
  for (int number = 1;; ++number) {
    const filesystem::path free = aside(path).string() + "-" + std::to_string(number);
    if (!fs::status(free)) {
      plan.edits.push_back(
          {.kind = Edit::Kind::move, .path = aside(path), .to = free, .before = ""});
      plan.notes.push_back("an earlier " + quoted(path.filename().string()) +
                           " that had been moved aside is now " + quoted(free.string()));
      return;
    }
  }
}

} // namespace

filesystem::path aside(const filesystem::path& path) {
  return path.string() + std::string(k_aside_suffix);
}

void keep_aside(const filesystem::path& path, Plan& plan) {
  clear_the_way(path, plan);
  plan.edits.push_back({.kind = Edit::Kind::link, .path = path, .to = aside(path)});
}

void put_into_files(const Surroundings& surroundings, const Request& request, Plan& plan) {
  for (const Hook hook : k_hooks) {
    put_into(read_hook(surroundings, hook), request, plan);
  }
}

void take_out_of_files(const Surroundings& surroundings, Plan& plan) {
  bool has_names = false;
  for (const Hook hook : k_hooks) {
    const HookFile file = read_hook(surroundings, hook);
    take_out_of(file, plan);
    if (fs::status(run_as(file.path))) {
      remove(plan, run_as(file.path));
      has_names = true;
    }
  }
  if (has_names) {
    remove(plan, surroundings.default_directory() / k_aside_directory);
  }
}

bool is_in_files(const Surroundings& surroundings) {
  return std::ranges::any_of(
      k_hooks, [&](Hook hook) { return read_hook(surroundings, hook).found.has_value(); });
}

HookStatus look_at_file(const Surroundings& surroundings, const Request& request, Hook hook) {
  const HookFile file = read_hook(surroundings, hook);
  HookStatus status{.hook = hook, .file = file.path};
  if (!file.found) {
    return status;
  }
  status.is_shared = !is_ours_alone(file) || file.found->form == Form::aside;
  const bool is_run = (file.status->mode & k_any_execute) != 0 && !surroundings.looks_at_ours &&
                      surroundings.best_place() != Place::leading_on;
  if (!is_run) {
    status.state = State::unused;
  } else {
    status.state =
        file.found->lines == lines_for(file.found->form, name_of(hook), request.executable)
            ? State::active
            : State::outdated;
  }
  return status;
}

} // namespace savepoint::hooks
