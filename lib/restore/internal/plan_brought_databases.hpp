#pragma once

#include "project/project.hpp"
#include "restore/internal/paths.hpp"
#include "restore/internal/plan_state.hpp"
#include "store/store.hpp"

namespace savepoint::restore {

/// Where the target is what a restore found, and there was no database where that restore put one:
/// adds to `paths` that its file goes, or makes room for what was there, and the logs beside it,
/// and the database to `leaving`. To be called when the files are planned.
void plan_brought_databases(const project::Project& project, const store::Store& store,
                            const store::ChunkSource& trees, const PathFilter& filter,
                            Plan::State& plan);

/// Where the target has a file and the project has a database now: adds to `paths` that this and
/// the logs beside it make room, and the database to `leaving`. To be called when the files are
/// planned.
void plan_displaced_databases(const project::Project& project, Plan::State& plan);

} // namespace savepoint::restore
