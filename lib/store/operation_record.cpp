#include "store/operation_record.hpp"

#include "base/error.hpp"

#include <exception>
#include <utility>

namespace savepoint::store {

void OperationRecord::begin(std::string name, std::string trigger, Timestamp now) {
  begin_ = std::chrono::steady_clock::now();
  line_.at = now;
  line_.name = std::move(name);
  line_.trigger = std::move(trigger);
}

void OperationRecord::set_place(std::filesystem::path store, std::string project,
                                std::string worktree) {
  store_ = std::move(store);
  line_.project = std::move(project);
  line_.worktree = std::move(worktree);
}

void OperationRecord::end(int exit_code) {
  if (!has_begun() || store_.empty()) {
    return;
  }
  line_.exit_code = exit_code;
  line_.duration = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - begin_);
  OperationLog(store_).append(line_);
  forget();
}

void OperationRecord::end_with_exception() {
  ExitCode code = ExitCode::failed;
  try {
    throw;
  } catch (const Error& error) {
    code = error.exit_code();
    line_.error = error.what();
  } catch (const Cancelled& cancelled) {
    code = ExitCode::cancelled;
    line_.error = cancelled.what();
  } catch (const std::exception& error) {
    line_.error = error.what();
  }
  end(static_cast<int>(code));
}

} // namespace savepoint::store
