# Installs the build in BUILD, then builds the consumer against that and runs it, all of it in a
# directory outside of this repository, which would be taken for the project.
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    file(REMOVE_RECURSE ${WORK})
    message(FATAL_ERROR "${ARGN}\n${output}")
  endif()
endfunction()

execute_process(COMMAND mktemp -d OUTPUT_VARIABLE WORK OUTPUT_STRIP_TRAILING_WHITESPACE
                COMMAND_ERROR_IS_FATAL ANY)
run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/prefix)
run(${CMAKE_COMMAND} -G ${GENERATOR} -S ${SOURCE}/consumer -B ${WORK}/build -DCMAKE_PREFIX_PATH=${WORK}/prefix
    -DCMAKE_CXX_COMPILER=${COMPILER})
run(${CMAKE_COMMAND} --build ${WORK}/build)
run(${WORK}/build/consumer ${WORK}/project)
run(${WORK}/prefix/bin/savepoint --version)
run(${WORK}/prefix/bin/savepoint -C ${WORK}/project --store ${WORK}/store verify --read-data)
file(REMOVE_RECURSE ${WORK})
