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

add_compile_options(-ffp-contract=off -Wall -Wextra -Wpedantic -Werror)
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  add_compile_options(-Wthread-safety)
endif()
if(POLYSTEP_SANITIZE)
  add_compile_options(-fsanitize=${POLYSTEP_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${POLYSTEP_SANITIZE})
endif()
