# Compiler settings shared by every target. The update must give the same bits everywhere: no
# contraction into FMA, no -march, no fast-math.
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

find_program(POLYSTEP_CCACHE ccache)
if(POLYSTEP_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${POLYSTEP_CCACHE})
endif()
find_program(POLYSTEP_MOLD mold)
if(POLYSTEP_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# Neither errno nor floating-point traps are looked at: loops with square roots and choices vectorise.
add_compile_options(-ffp-contract=off -fno-math-errno -fno-trapping-math)
add_compile_options(-Wall -Wextra -Wpedantic -Werror)
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  add_compile_options(-Wthread-safety)
endif()
if(POLYSTEP_SANITIZE)
  add_compile_options(-fsanitize=${POLYSTEP_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${POLYSTEP_SANITIZE})
  set(POLYSTEP_TEST_PREFIX "asan.")
  if(POLYSTEP_SANITIZE MATCHES "thread")
    set(POLYSTEP_TEST_PREFIX "tsan.")
  endif()
endif()
