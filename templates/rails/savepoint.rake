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

# Rails has defined them all by now, also those of one database, such as db:migrate:primary.
Rake::Task.tasks.each do |task|
  next if task.name.start_with?("db:migrate:status")

  changes = /\Adb:(migrate|rollback|forward|prepare|drop|purge|reset|setup|seed|truncate_all|(schema|structure|fixtures):load)(:|\z)/
  task.enhance(["savepoint:snapshot"]) if task.name.match?(changes)
end
