# What every target of ours is compiled with; never seen by those who use the library.
add_library(savepoint_rules INTERFACE)
target_compile_options(savepoint_rules INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wold-style-cast
  -Wnon-virtual-dtor -Woverloaded-virtual
  $<$<CXX_COMPILER_ID:Clang>:-Wnull-dereference>
  $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond;-Wlogical-op>)
# GCC 12 follows paths through its own standard library that cannot be taken, and warns of them.
target_compile_options(savepoint_rules INTERFACE 
  $<$<CXX_COMPILER_ID:GNU>:-Wno-stringop-overflow;-Wno-stringop-overread;-Wno-array-bounds>)
if(SAVEPOINT_DEVELOPER_MODE)
  target_compile_options(savepoint_rules INTERFACE -Werror)
  target_compile_definitions(savepoint_rules INTERFACE _GLIBCXX_ASSERTIONS)
endif()
if(SAVEPOINT_SANITIZE)
  target_compile_options(savepoint_rules INTERFACE -fsanitize=${SAVEPOINT_SANITIZE}
                         -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(savepoint_rules INTERFACE -fsanitize=${SAVEPOINT_SANITIZE})
  if(SAVEPOINT_SANITIZE MATCHES thread)
    # Boost.Asio's fences order nothing that other threads of ours look at.
    target_compile_options(savepoint_rules INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-tsan>)
  endif()
endif()
if(SAVEPOINT_FUZZ)
  target_compile_options(savepoint_rules INTERFACE -fsanitize=fuzzer-no-link)
endif()
