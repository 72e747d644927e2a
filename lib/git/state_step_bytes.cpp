#include "base/binary.hpp"
#include "base/error.hpp"
#include "fs/tree_writer.hpp"
#include "git/state_files.hpp"
#include "git/state_step.hpp"

#include <algorithm>

namespace savepoint::git {
namespace {

constexpr std::string_view k_branches = "refs/heads/";

void put_optional(BinaryWriter& out, const std::optional<std::string>& text) {
  out.u8(text ? 1 : 0);
  out.string(text.value_or(""));
}

std::optional<std::string> get_optional(BinaryReader& in) {
  const bool there = in.u8() != 0;
  std::string text(in.string());
  return there ? std::optional(std::move(text)) : std::nullopt;
}

bool is_sound(const StateStep& step) {
  const auto is_known = [](const StateStep::Name& name) {
    return name.name == "HEAD" || name.name == "index" ||
           (is_state_path(name.name) && state_name_of(name.name) == name.name);
  };
  const auto is_id = [](const std::optional<std::string>& id) {
    return !id || ((id->size() == 40 || id->size() == 64) &&
                   id->find_first_not_of("0123456789abcdef") == std::string::npos);
  };
  const auto is_good = [&](const StateStep::Reference& branch) {
    return branch.name.starts_with(k_branches) && parse_head("ref: " + branch.name).has_value() &&
           is_id(branch.before) && is_id(branch.after);
  };
  return fs::is_component(step.staging) && step.staging.starts_with(k_state_staging_prefix) &&
         step.work_tree.starts_with('/') && step.git_directory.starts_with('/') &&
         step.common_directory.starts_with('/') && std::ranges::all_of(step.names, is_known) &&
         std::ranges::all_of(step.branches, is_good) && is_id(step.commit_before) &&
         is_id(step.commit_after);
}

} // namespace

std::string encode(const StateStep& step) {
  BinaryWriter out;
  out.u8(1); // version
  out.string(step.work_tree);
  out.string(step.git_directory);
  out.string(step.common_directory);
  out.string(step.staging);
  out.varint(step.names.size());
  for (const StateStep::Name& name : step.names) {
    out.string(name.name);
    out.u8(static_cast<std::uint8_t>((name.was_there ? 1U : 0U) | (name.comes ? 2U : 0U)));
  }
  out.varint(step.branches.size());
  for (const StateStep::Reference& branch : step.branches) {
    out.string(branch.name);
    put_optional(out, branch.before);
    put_optional(out, branch.after);
  }
  put_optional(out, step.commit_before);
  put_optional(out, step.commit_after);
  out.string(step.head_seen);
  out.string(step.index_seen);
  out.string(step.who);
  out.i64(step.at);
  out.string(step.message);
  return std::string(as_text(out.view()));
}

StateStep decode_state_step(std::string_view bytes) {
  BinaryReader in(as_bytes(bytes), "a step of a restore of git");
  if (in.u8() != 1) {
    in.damaged("its version is unknown");
  }
  StateStep step;
  step.work_tree = in.string();
  step.git_directory = in.string();
  step.common_directory = in.string();
  step.staging = in.string();
  const std::size_t count = in.count(2);
  for (std::size_t i = 0; i < count; ++i) {
    StateStep::Name name;
    name.name = in.string();
    const std::uint8_t flags = in.u8();
    name.was_there = (flags & 1U) != 0;
    name.comes = (flags & 2U) != 0;
    step.names.push_back(std::move(name));
  }
  const std::size_t branches = in.count(3);
  for (std::size_t i = 0; i < branches; ++i) {
    StateStep::Reference branch;
    branch.name = in.string();
    branch.before = get_optional(in);
    branch.after = get_optional(in);
    step.branches.push_back(std::move(branch));
  }
  step.commit_before = get_optional(in);
  step.commit_after = get_optional(in);
  step.head_seen = in.string();
  step.index_seen = in.string();
  step.who = in.string();
  step.at = in.i64();
  step.message = in.string();
  in.expect_end();
  if (!is_sound(step)) {
    in.damaged("it leads out of the repository");
  }
  return step;
}

} // namespace savepoint::git
