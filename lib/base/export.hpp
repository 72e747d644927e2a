#pragma once

/// Marks what users of the shared library see; everything else is hidden.
#define SAVEPOINT_EXPORT __attribute__((visibility("default")))
