#pragma once

#include "store/internal/catalog.hpp"
#include "store/internal/layout.hpp"

namespace savepoint::store {

// Each makes tables of the catalog true to the files as they are now, within the caller's
// transaction, while no manifest can change. Files that are damaged are passed over: `verify`
// names them.

/// Notes the snapshots that are known and have no manifest any more as vanished.
void note_vanished(Catalog& catalog, const Layout& layout);
/// Drops snapshots without a manifest, which vanished, adds manifests without a row.
void reconcile_manifests(Catalog& catalog, const Layout& layout);
/// Reads all marks again. After `reconcile_manifests`.
void reconcile_marks(Catalog& catalog, const Layout& layout);
/// Drops packs that are gone, adds those that are new, and makes sure that their names are durable:
/// a pack that a dead process left may not be.
void reconcile_packs(Catalog& catalog, const Layout& layout);

} // namespace savepoint::store
