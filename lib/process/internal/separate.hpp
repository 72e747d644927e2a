#pragma once

namespace savepoint::process {

/// What a child needs besides its streams, between fork and exec: a session of its own, so that a
/// timeout ends all that it started and nothing in it waits for somebody to type; the signals as
/// they are by default; none of our files but the standard ones. System calls only.
void separate() noexcept;

} // namespace savepoint::process
