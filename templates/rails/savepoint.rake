# A snapshot before what changes the database: copy this to lib/tasks/savepoint.rake.
#
# One for each run of rake, however many of these tasks it has. If it cannot be taken, they are not run; SAVEPOINT=0 does
# without it, and so does a machine on which savepoint is not installed.
namespace :savepoint do
  desc "Take a snapshot of files, databases and configuration"
  task :snapshot do
    next if ENV["SAVEPOINT"] == "0" || !system("command -v savepoint > /dev/null")

    reason = Rake.application.top_level_tasks.first.to_s[/\A[\w:]+/]
    sh "savepoint", "snapshot", "--trigger", "run:rails #{reason}", verbose: false do |done, status|
      abort "nothing was done: savepoint snapshot ended with #{status.exitstatus} (SAVEPOINT=0 goes on without it)" unless done
    end
  end
end

%w[
  db:migrate db:migrate:up db:migrate:down db:migrate:redo db:rollback db:forward db:drop db:purge db:reset db:setup
  db:schema:load db:structure:load db:seed db:seed:replant db:truncate_all db:fixtures:load
].each do |name|
  Rake::Task[name].enhance(["savepoint:snapshot"]) if Rake::Task.task_defined?(name)
end
