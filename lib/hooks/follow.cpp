#include "hooks/follow.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "git/branch_birth.hpp"
#include "git/head_move.hpp"
#include "git/index.hpp"
#include "hooks/internal/follow.hpp"
#include "hooks/internal/git_config.hpp"
#include "manifest/follow.hpp"
#include "project/databases.hpp"
#include "project/interrupted.hpp"
#include "project/select.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace savepoint::hooks {
namespace {

using manifest::DatabaseComponent;
using manifest::Manifest;

/// Those that were captured in the background by the hook before have their own time.
constexpr std::chrono::seconds k_wait_for_earlier{60};

/// Whose the databases are, by what is noted or else by what git `left`.
Owner find_owner(const project::Project& project, const store::Store& store,
                 const std::optional<manifest::HookMoment>& left) {
  const git::Repository& repository = *project.repository();
  const Owner entered = owner_by_head(repository);
  if (const std::optional<OwnerNote> note = read_owner(repository)) {
    const bool was_changed =
        note->change &&
        restore::was_restored(project, store, note->change->target, note->change->kept);
    Owner owner = was_changed ? note->change->to : note->owner;
    const bool is_there = !owner.branch || owner == entered ||
                          repository.resolve_commit("refs/heads/" + *owner.branch);
    const auto by_now =
        is_there ? owner.branch : git::renamed_under_head(repository, *owner.branch);
    if (is_there || by_now) {
      return Owner{by_now};
    }
  }
  // Not noted, or under a name that nobody knows: a branch that got another before its first
  // commit.
  return left ? Owner{left->left_branch} : entered;
}

void note_owner(const git::Repository& repository, const Owner& owner) {
  const std::optional<OwnerNote> before = read_owner(repository);
  if (!before || before->change || before->owner != owner) {
    write_owner(repository, {.owner = owner});
  }
}

/// The databases of one work tree on their way from one branch to another.
class Move {
public:
  Move(const project::Project& project, store::Store& store, Owner owner)
      : project_(&project), store_(&store), owner_(std::move(owner)),
        entered_(owner_by_head(*project.repository())) {
    followed.before = owner_;
    followed.entered = entered_;
    followed.is_settled = false;
  }

  Followed followed;

  /// The request of a snapshot that says whose the databases are. `left` is what git left, if it
  /// has just done so.
  [[nodiscard]] snapshot::Request
  request_for(snapshot::Request request, const std::optional<manifest::HookMoment>& left) const {
    if (!left || left->left_branch != owner_.branch) {
      manifest::HookMoment moment;
      moment.left_branch = owner_.branch;
      if (owner_.branch) {
        moment.left_commit = project_->repository()->resolve_commit("refs/heads/" + *owner_.branch);
      }
      request.hook = std::move(moment);
    }
    request.note = "left " + what_was_left(*request.hook) + " for " + named(entered_);
    return request;
  }

  /// Takes the snapshot that has all databases as they are, under the branch whose they are.
  snapshot::Taken keep(snapshot::Request request) {
    request.require_database = true;
    if (owner_.branch) {
      request.trigger = manifest::follow_trigger(*owner_.branch);
    }
    snapshot::Taken taken = snapshot::take(*project_, *store_, request);
    if (owner_.branch && taken.manifest.trigger != request.trigger) {
      request.if_changed = false; // another snapshot says the same, but not whose it is
      taken = snapshot::take(*project_, *store_, request);
    }
    followed.kept = taken.manifest.id;
    return taken;
  }

  /// Puts back what is kept of the branch that was entered. Requires that all is kept, unless it is
  /// a dry run.
  void put_back(const FollowRequest& request) {
    const std::optional<Manifest> kept = find_kept();
    std::optional<restore::Plan> plan = kept ? make_plan(*kept, request) : std::nullopt;
    if (plan) {
      followed.target = kept->id;
      followed.target_time = kept->created_at;
      followed.changes = plan->changes();
    }
    if (request.dry_run) {
      return;
    }
    if (!followed.changes.empty()) {
      // Killed in between, we find by the snapshots of the restore whether it was done.
      write_owner(*project_->repository(),
                  {.owner = owner_,
                   .change = OwnerNote::Change{
                       .to = entered_, .target = *followed.target, .kept = *followed.kept}});
      const restore::Restored restored = restore::execute(*project_, *store_, *std::move(plan));
      followed.safety = restored.safety;
      for (const std::string& missing : restored.missing) {
        followed.spared.push_back({missing, "its server could not take it"});
      }
    }
    write_owner(*project_->repository(), {.owner = entered_});
    followed.is_settled = true;
  }

private:
  /// The newest that is kept of the branch that was entered, unless the branch is younger.
  [[nodiscard]] std::optional<Manifest> find_kept() const {
    if (!entered_.branch) {
      return std::nullopt;
    }
    const std::string trigger = manifest::follow_trigger(*entered_.branch);
    const auto birth = git::branch_birth(*project_->repository(), *entered_.branch);
    for (const manifest::Summary& snapshot : project::visible_snapshots(*store_, project_)) {
      if (snapshot.trigger != trigger) {
        continue;
      }
      if (birth && *birth > snapshot.created_at) {
        return std::nullopt;
      }
      Manifest manifest = store_->load(snapshot.id);
      if (manifest.hook && manifest.hook->left_branch == entered_.branch) {
        return manifest;
      }
    }
    return std::nullopt;
  }

  /// Nothing if there is nothing to put back.
  std::optional<restore::Plan> make_plan(Manifest target, const FollowRequest& asked) {
    drop_what_git_has(target);
    drop_unknown(target);
    restore::Request request;
    request.only.code = false;
    request.only.config = false;
    request.disconnect = asked.disconnect;
    std::optional<restore::Plan> plan;
    bool is_guarded = false;
    while (!target.databases.empty()) {
      plan = restore::make_plan(*project_, *store_, target, request);
      if (plan->guarded().empty()) {
        break;
      }
      is_guarded = true;
      for (const restore::Plan::Guarded& guarded : plan->guarded()) {
        followed.spared.push_back({guarded.database, guarded.reason});
        std::erase_if(target.databases, [&](const DatabaseComponent& database) {
          return database.name == guarded.database;
        });
      }
      plan.reset();
    }
    if (is_guarded && (!plan || plan->changes().empty())) {
      refuse(*target.id);
    }
    return plan;
  }

  [[noreturn]] void refuse(const SnapshotId& target) const {
    const Followed::Spared& first = followed.spared.back();
    throw RefusedError(
        "the database " + quoted(first.name) + " is not overwritten: " + printable(first.reason),
        "if that is really meant: savepoint restore " + target.text() + " --only database");
  }

  /// A checkout has changed those already.
  void drop_what_git_has(Manifest& target) const {
    const git::Repository& repository = *project_->repository();
    const git::Index index = git::Index::read(repository.index_file(), repository.work_tree());
    std::erase_if(target.databases, [&](const DatabaseComponent& database) {
      return !database.path.empty() && index.tracks(database.path);
    });
  }

  /// Which servers there are, and where, may be a matter of the branch.
  void drop_unknown(Manifest& target) {
    const project::Databases today = project::find_databases(*project_, {});
    std::erase_if(target.databases, [&](const DatabaseComponent& database) {
      std::string reason =
          database.path.empty() ? project::why_not_of_today(database, today) : std::string();
      const bool is_spared = !reason.empty();
      if (is_spared) {
        followed.spared.push_back({database.name, std::move(reason)});
      }
      return is_spared;
    });
  }

  const project::Project* project_;
  store::Store* store_;
  Owner owner_;
  Owner entered_;
};

void require_following(const project::Project& project, const store::Store& store) {
  if (project.repository() == nullptr || !follows(*project.repository())) {
    throw RefusedError("databases do not follow the branches of this project",
                       "to have them: savepoint hooks install --follow");
  }
  const std::string operation = project.repository()->operation();
  if (!operation.empty()) {
    throw RefusedError("a " + operation + " is in progress",
                       "finish it, or abort it, and try again");
  }
  if (project::find_due(project, store.root())) {
    throw RefusedError("a restore was interrupted, and the project is between two states",
                       "run 'savepoint recover' first");
  }
}

} // namespace

bool follows(const git::Repository& repository) {
  return git_bool(repository.config(k_follow_setting).value_or("false")).value_or(false);
}

std::optional<Owner> owner_of_databases(const git::Repository& repository) {
  std::optional<OwnerNote> note = read_owner(repository);
  return note ? std::optional(std::move(note->owner)) : std::nullopt;
}

std::optional<Answered> follow_checkout(const project::Project& project, store::Store& store,
                                        const snapshot::Request& request) {
  const git::Repository& repository = *project.repository();
  if (!repository.operation().empty()) {
    return std::nullopt;
  }
  const auto is_settled = [&](const Owner& owner) {
    const bool is_so = owner == owner_by_head(repository);
    if (is_so) {
      note_owner(repository, owner);
    }
    return is_so;
  };
  if (is_settled(find_owner(project, store, request.hook))) {
    return std::nullopt;
  }
  const auto lock = lock_databases(project, store, k_wait_for_earlier);
  Owner owner = find_owner(project, store, request.hook);
  if (is_settled(owner)) {
    return std::nullopt; // by whoever held the lock
  }
  Move move(project, store, std::move(owner));
  snapshot::Request wanted = move.request_for(request, request.hook);
  const auto give_up = [&](const Error& error) {
    move.followed.reason = error.what();
    move.followed.hint = error.hint();
  };
  if (!lock) {
    move.followed.reason = "the snapshot of an earlier hook is still reading them";
    leave_databases_out(wanted);
    return Answered{snapshot::take(project, store, wanted), std::move(move.followed)};
  }
  std::optional<snapshot::Taken> taken;
  try {
    taken = move.keep(wanted);
  } catch (const DatabaseError& error) {
    give_up(error);
  } catch (const BusyError& error) {
    give_up(error);
  }
  if (!taken) {
    return Answered{snapshot::take(project, store, wanted), std::move(move.followed)};
  }
  if (request.waiting != nullptr && request.waiting->has_gone_on()) {
    throw Cancelled();
  }
  try {
    move.put_back({});
  } catch (const Error& error) {
    give_up(error);
  } catch (const Cancelled&) {
    move.followed.reason = "interrupted";
  }
  return Answered{*std::move(taken), std::move(move.followed)};
}

std::optional<Followed> follow(const project::Project& project, store::Store& store,
                               const FollowRequest& request) {
  require_following(project, store);
  const auto lock = lock_databases(project, store, k_wait_for_earlier);
  if (!lock) {
    throw BusyError("the snapshot of a hook is still reading the databases",
                    "wait until it has finished");
  }
  Owner owner = find_owner(project, store, std::nullopt);
  if (owner == owner_by_head(*project.repository())) {
    if (!request.dry_run) {
      note_owner(*project.repository(), owner);
    }
    return std::nullopt;
  }
  Move move(project, store, std::move(owner));
  if (!request.dry_run) {
    snapshot::Request wanted;
    wanted.if_changed = true;
    wanted.trigger = "follow";
    static_cast<void>(move.keep(move.request_for(wanted, std::nullopt)));
  }
  move.put_back(request);
  return std::move(move.followed);
}

} // namespace savepoint::hooks
