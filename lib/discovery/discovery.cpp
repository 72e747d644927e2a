#include "discovery/discovery.hpp"

#include "base/printable.hpp"
#include "discovery/internal/evidence.hpp"

#include <deque>

namespace savepoint::discovery {

std::string source_of(const Candidate& candidate) {
  std::string source = printable(candidate.variable);
  if (candidate.file.empty()) {
    source += " in the environment";
  } else {
    source += source.empty() ? "" : " in ";
    source += printable(candidate.file) + ":" + std::to_string(candidate.line);
  }
  return candidate.named_by.empty() ? source : source + ", named by " + candidate.named_by;
}

Findings discover(const std::filesystem::path& root, const config::Environment& environment) {
  Findings findings;
  ProjectFiles files(root, findings.notes);
  const std::vector<Package> packages = find_packages(files, environment);
  std::vector<Evidence> found;
  std::vector<Service> services;
  Extractor extractor(files, found);
  std::deque<Variables> variables; // those of packages refer to those of the root
  for (const Package& package : packages) {
    variables.emplace_back(files, environment, package,
                           variables.empty() ? nullptr : &variables.front());
    find_in_frameworks(extractor, files, variables.back());
    find_in_environment(extractor, files, variables.back(), found);
    find_in_compose(extractor, files, variables.back(), found, services);
  }
  findings.candidates = judge(std::move(found), services, files, environment);
  return findings;
}

std::optional<Variable> look_up(const std::filesystem::path& root,
                                const config::Environment& environment, std::string_view name,
                                const std::optional<std::string>& file) {
  std::vector<std::string> notes;
  ProjectFiles files(root, notes);
  const std::optional<std::string> path = file ? inner_path("", *file) : std::nullopt;
  const Package package =
      read_package(files, path ? directory_of(*path) : std::string(), environment);
  const Variables variables(files, environment, package, nullptr);
  std::optional<Found> found;
  if (!file) {
    found = variables.find(name);
  } else if (const auto opened = path ? variables.open(*path) : std::nullopt) {
    found = variables.find_in(*opened, name);
  }
  if (!found || found->text.empty()) {
    return std::nullopt;
  }
  return Variable{std::move(found->text), std::move(found->file), found->line};
}

} // namespace savepoint::discovery
