# Flags, the layer rule, and understudy_module(): one static library a folder.

find_program(UNDERSTUDY_CCACHE ccache)
if(UNDERSTUDY_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${UNDERSTUDY_CCACHE})
endif()
find_program(UNDERSTUDY_MOLD mold)

add_library(understudy_flags INTERFACE)
target_compile_features(understudy_flags INTERFACE cxx_std_20)
target_compile_options(understudy_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
  -Wold-style-cast -Woverloaded-virtual -Wnon-virtual-dtor -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 sees through inlined std::string and std::variant, and coroutine frames, to paths that cannot be taken.
  target_compile_options(understudy_flags INTERFACE -Wno-maybe-uninitialized -Wno-restrict
    -Wno-dangling-pointer -Wno-free-nonheap-object -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread
    -Wno-mismatched-new-delete)
  if(UNDERSTUDY_UNITY)  # says that an Impl of a .cc uses that file's own names, for the .cc is included now
    target_compile_options(understudy_flags INTERFACE -Wno-subobject-linkage)
  endif()
endif()
if(UNDERSTUDY_MOLD)
  target_link_options(understudy_flags INTERFACE -fuse-ld=mold)
endif()
if(UNDERSTUDY_SANITIZE)
  # Everything sees the same sanitizers, the compiled-once part of Asio included.
  add_compile_options(-fsanitize=${UNDERSTUDY_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${UNDERSTUDY_SANITIZE})
  if(UNDERSTUDY_SANITIZE MATCHES "thread")
    add_compile_options(-Wno-tsan)  # Asio's fences: known, and GCC says so at each use
  endif()
endif()
if(UNDERSTUDY_FUZZERS)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# Rank of each layer: a module may link only to modules of its own layer or of a lower rank.
set(UNDERSTUDY_RANK_shared 0)
set(UNDERSTUDY_RANK_agent 1)
set(UNDERSTUDY_RANK_server-mock 1)
set(UNDERSTUDY_RANK_tools 2)
set(UNDERSTUDY_RANK_tests 3)

# Inside shared/: who may see whom (tests/lint/layers.py checks the includes as well).
set(UNDERSTUDY_SEES_core "")
set(UNDERSTUDY_SEES_cli "")
set(UNDERSTUDY_SEES_plist core)
set(UNDERSTUDY_SEES_crypto core)
set(UNDERSTUDY_SEES_scep core crypto)
set(UNDERSTUDY_SEES_mdm core plist crypto)
set(UNDERSTUDY_SEES_apns core crypto)
set(UNDERSTUDY_SEES_io core)
set(UNDERSTUDY_SEES_net core crypto)

# understudy_module(<layer> <name> SOURCES ... PUBLIC ... PRIVATE ...) -> understudy::<layer>.<name>
function(understudy_module layer name)
  cmake_parse_arguments(M "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  set(target "understudy_${layer}_${name}")
  add_library(${target} STATIC ${M_SOURCES})
  add_library(understudy::${layer}.${name} ALIAS ${target})
  target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(${target} PUBLIC ${M_PUBLIC} PRIVATE ${M_PRIVATE} understudy_flags)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ${UNDERSTUDY_UNITY} UNITY_BUILD_BATCH_SIZE 16)
  foreach(dep IN LISTS M_PUBLIC M_PRIVATE)
    if(dep MATCHES "^understudy::([a-z-]+)\\.([a-z_]+)$")
      set(dep_layer ${CMAKE_MATCH_1})
      set(dep_name ${CMAKE_MATCH_2})
      if(NOT dep_layer STREQUAL layer AND
         UNDERSTUDY_RANK_${dep_layer} GREATER_EQUAL UNDERSTUDY_RANK_${layer})
        message(FATAL_ERROR "layering: ${layer}/${name} may not depend on ${dep}")
      endif()
      if(layer STREQUAL "shared" AND NOT dep_name IN_LIST UNDERSTUDY_SEES_${name})
        message(FATAL_ERROR "layering: shared/${name} may not depend on shared/${dep_name}")
      endif()
    endif()
  endforeach()
endfunction()

# understudy_embed(<file>.json <namespace>) -> <file>_lines.cc, which defines <file>_lines() of <file>_lines.h beside the file
function(understudy_embed file namespace)
  cmake_path(GET file STEM stem)
  file(RELATIVE_PATH folder ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
  set(script ${PROJECT_SOURCE_DIR}/tools/cmake/embed_lines.cmake)
  add_custom_command(OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/${stem}_lines.cc
    COMMAND ${CMAKE_COMMAND} -DINPUT=${CMAKE_CURRENT_SOURCE_DIR}/${file}
            -DOUTPUT=${CMAKE_CURRENT_BINARY_DIR}/${stem}_lines.cc -DHEADER=${folder}/${stem}_lines.h
            -DNAMESPACE=${namespace} -DFUNCTION=${stem}_lines -P ${script}
    DEPENDS ${file} ${script}
    COMMENT "Embedding ${file}" VERBATIM)
endfunction()

# understudy_program(<name> SOURCES ... LINK ...) -> bin/<name>
function(understudy_program name)
  cmake_parse_arguments(P "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${P_SOURCES})
  target_link_libraries(${name} PRIVATE ${P_LINK} understudy_flags)
  set_target_properties(${name} PROPERTIES UNITY_BUILD ${UNDERSTUDY_UNITY})
endfunction()
