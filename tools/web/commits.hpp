#pragma once

#include "git/repository.hpp"
#include "manifest/summary.hpp"
#include "json/value.hpp"

#include <vector>

namespace savepoint::web {

/// The history that the timeline is drawn beside: the commits of `snapshots`, of HEAD and of the
/// branches that the snapshots were taken on, each with the nearest of them that it comes from. An
/// array of {id, parents[], subject, names[], head}; `names` are branches of the snapshots, `head`
/// says that it is checked out.
[[nodiscard]] json::Value commits_of(const git::Repository& repository,
                                     const std::vector<manifest::Summary>& snapshots);

} // namespace savepoint::web
