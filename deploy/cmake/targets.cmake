# polystep_library(NAME SOURCES a.cc ... LIBS x ...): a static library whose headers are included
# from the root of the tree.
function(polystep_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PUBLIC ${ARG_LIBS})
endfunction()

# polystep_program(NAME SOURCES a.cc ... LIBS x ...): an executable in build/bin.
function(polystep_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LIBS})
endfunction()

# polystep_test(NAME SOURCES a_test.cc ... LIBS x ... [TIMEOUT s] [LABELS l ...]): one GoogleTest
# program, one ctest entry. Tests run in the source root, so that golden files are found by
# relative path; programs of build/bin are found through POLYSTEP_BIN. Sanitizer builds name their
# entries "asan.NAME" and "tsan.NAME" and get four times the time.
function(polystep_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;LIBS;LABELS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  if(POLYSTEP_SANITIZE)
    math(EXPR ARG_TIMEOUT "4 * ${ARG_TIMEOUT}")
  endif()
  add_executable(${name} ${ARG_SOURCES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  target_link_libraries(${name} PRIVATE ${ARG_LIBS} GTest::gmock GTest::gtest_main)
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  set(entry ${POLYSTEP_TEST_PREFIX}${name})
  add_test(NAME ${entry} COMMAND ${name} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(${entry} PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}"
    ENVIRONMENT "POLYSTEP_BIN=${CMAKE_BINARY_DIR}/bin")
endfunction()
