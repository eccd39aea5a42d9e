set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()

option(PADDOCK_WERROR "Treat warnings as errors" OFF)
set(PADDOCK_SANITIZE "" CACHE STRING "Value of -fsanitize=, e.g. address,undefined")
set(PADDOCK_FUZZ_LONG_S 120 CACHE STRING "Seconds that each fuzzer runs in the lane of long fuzzing")

# One link at a time: each of the large binaries needs over 1 GB to link.
set_property(GLOBAL PROPERTY JOB_POOLS link_pool=1)
set(CMAKE_JOB_POOL_LINK link_pool)

add_library(paddock_options INTERFACE)
target_compile_options(paddock_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast
  -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough
  -Wextra-semi -Wcast-qual -Wformat=2 -Wundef
  $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond -Wduplicated-branches -Wlogical-op -Wsuggest-override>
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety -Wshadow-all -Wno-shadow-field-in-constructor -Wunreachable-code-aggressive -Wrange-loop-analysis>
  $<$<BOOL:${PADDOCK_WERROR}>:-Werror>)
target_compile_definitions(paddock_options INTERFACE
  BOOST_ASIO_NO_DEPRECATED $<$<CONFIG:Debug>:_GLIBCXX_ASSERTIONS>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_link_options(paddock_options INTERFACE -fuse-ld=lld-19)
endif()
if(PADDOCK_SANITIZE)
  target_compile_options(paddock_options INTERFACE
    -fsanitize=${PADDOCK_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(paddock_options INTERFACE -fsanitize=${PADDOCK_SANITIZE})
endif()

# paddock_library(sandbox SOURCES … DEPENDS aio base LIBRARIES fmt::fmt): one folder under src/ is
# one library; a nested folder (drivers/oci) keeps its path as its name. Files are named from src/.
# DEPENDS names parts of Paddock, and is all that its files may include (tools/check_layers.py);
# LIBRARIES names third-party targets.
function(paddock_target_of part out)
  string(REPLACE "/" "_" flat "${part}")
  set(${out} "paddock_${flat}" PARENT_SCOPE)
endfunction()

function(paddock_library part)
  cmake_parse_arguments(arg "" "" "HEADERS;SOURCES;DEPENDS;LIBRARIES" ${ARGN})
  list(TRANSFORM arg_HEADERS PREPEND ${PROJECT_SOURCE_DIR}/src/)
  list(TRANSFORM arg_SOURCES PREPEND ${PROJECT_SOURCE_DIR}/src/)
  list(TRANSFORM arg_DEPENDS REPLACE "/" "_")
  list(TRANSFORM arg_DEPENDS PREPEND paddock_)
  paddock_target_of(${part} target)
  if(arg_SOURCES)
    add_library(${target} STATIC ${arg_SOURCES})
    set(scope PUBLIC)
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_sources(${target} ${scope} FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}/src
                 FILES ${arg_HEADERS})
  target_link_libraries(${target} ${scope} ${arg_DEPENDS} paddock_options Threads::Threads fmt::fmt
                        ${arg_LIBRARIES})
endfunction()

# paddock_test(sandbox_manager_test SOURCES … DEPENDS … [LIBRARIES …] [LABEL unit])
# LABEL is unit (default: no privileges, no network, under 10 s in all), contract or integration.
add_custom_target(unit_tests)  # all that the sanitizer lanes build

function(paddock_test name)
  cmake_parse_arguments(arg "" "LABEL" "SOURCES;DEPENDS;LIBRARIES" ${ARGN})
  if(NOT arg_LABEL)
    set(arg_LABEL unit)
  endif()
  list(TRANSFORM arg_SOURCES PREPEND ${PROJECT_SOURCE_DIR}/src/)
  list(TRANSFORM arg_DEPENDS REPLACE "/" "_")
  list(TRANSFORM arg_DEPENDS PREPEND paddock_)
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_DEPENDS} ${arg_LIBRARIES} GTest::gmock GTest::gtest_main)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS ${arg_LABEL} TIMEOUT 300)
  if(arg_LABEL STREQUAL "unit")
    add_dependencies(unit_tests ${name})
  endif()
endfunction()

# paddock_fuzz(protocol_frames_fuzz SOURCES … PARTS protocol model base): a libFuzzer target, for clang
# only. PARTS are compiled into it once more, with the fuzzer's counters, or it would be blind in them.
# There are two tests of it: a short one without a corpus, and one of label fuzz-long that goes on with
# the corpus that it has left in build/ the last time. Both also begin with CORPUS, folders of the source
# tree, when there are some.
function(paddock_fuzz name)
  cmake_parse_arguments(arg "" "" "SOURCES;PARTS;CORPUS" ${ARGN})
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang" OR PADDOCK_SANITIZE MATCHES "thread")
    return()
  endif()
  list(TRANSFORM arg_SOURCES PREPEND ${PROJECT_SOURCE_DIR}/src/)
  add_executable(${name} ${arg_SOURCES})
  foreach(part IN LISTS arg_PARTS)
    paddock_target_of(${part} part_target)
    target_sources(${name} PRIVATE $<TARGET_PROPERTY:${part_target},SOURCES>)
  endforeach()
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(${name} PRIVATE paddock_options Threads::Threads fmt::fmt)
  set(sanitizers -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all)
  target_compile_options(${name} PRIVATE ${sanitizers})
  target_link_options(${name} PRIVATE ${sanitizers})
  set(corpus ${PROJECT_BINARY_DIR}/fuzz-corpus/${name})
  file(MAKE_DIRECTORY ${corpus} ${corpus}-short)
  list(TRANSFORM arg_CORPUS PREPEND ${PROJECT_SOURCE_DIR}/)
  set(short_corpus "")
  if(arg_CORPUS)  # the first folder is where it writes
    set(short_corpus ${corpus}-short ${arg_CORPUS})
  endif()
  add_test(NAME ${name}
           COMMAND ${name} ${short_corpus} -max_total_time=5 -max_len=4096 -timeout=5
                   -print_final_stats=0)
  set(leaks "LSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/tests/leak-sanitizer.supp:print_suppressions=0")
  set_tests_properties(${name} PROPERTIES LABELS fuzz TIMEOUT 120 ENVIRONMENT "${leaks}")
  add_test(NAME ${name}_long
           COMMAND ${name} ${corpus} ${arg_CORPUS} -max_total_time=${PADDOCK_FUZZ_LONG_S} -max_len=65536 -timeout=5
                   -print_final_stats=0 -artifact_prefix=${corpus}/../)
  set_tests_properties(${name}_long PROPERTIES LABELS fuzz-long TIMEOUT 3600
                       ENVIRONMENT "${leaks}")
endfunction()
