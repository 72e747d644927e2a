# What every target of ours is compiled with; never seen by those who use the library.
add_library(savepoint_rules INTERFACE)
target_compile_options(savepoint_rules INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wold-style-cast
  -Wnon-virtual-dtor -Woverloaded-virtual -Wnull-dereference
  $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond -Wlogical-op>)
# Optimised GCC 12 reports null dereferences inside its own standard library.
target_compile_options(savepoint_rules INTERFACE $<$<NOT:$<CONFIG:Debug>>:-Wno-null-dereference>)
if(SAVEPOINT_DEVELOPER_MODE)
  target_compile_options(savepoint_rules INTERFACE -Werror)
  target_compile_definitions(savepoint_rules INTERFACE _GLIBCXX_ASSERTIONS)
endif()
if(SAVEPOINT_SANITIZE)
  target_compile_options(savepoint_rules INTERFACE -fsanitize=${SAVEPOINT_SANITIZE}
                         -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(savepoint_rules INTERFACE -fsanitize=${SAVEPOINT_SANITIZE})
endif()
