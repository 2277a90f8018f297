# Debian packages by CPack: `gcstreamd`, and `gcstreamd-simulator` where the tests are built. See scripts/package.
set(here ${CMAKE_CURRENT_LIST_DIR})
set(there ${PROJECT_BINARY_DIR}/debian)
set(GCSTREAMD_DEBIAN_REVISION 1 CACHE STRING "The packages' Debian revision")
set(GCSTREAMD_MAINTAINER "gcstreamd maintainers <maintainers@gcstreamd.example>" CACHE STRING
    "Who is named in the packages: whoever builds them for others")
set(version ${PROJECT_VERSION}-${GCSTREAMD_DEBIAN_REVISION})

# compressed(OUTPUT INPUT): as the Policy wants manuals and changelogs, the same bytes each time.
find_program(GZIP gzip)
function(compressed output input)
  execute_process(COMMAND ${GZIP} -9nc ${input} OUTPUT_FILE ${there}/${output} COMMAND_ERROR_IS_FATAL ANY)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${input})
endfunction()

file(MAKE_DIRECTORY ${there})
set(VERSION ${version})
configure_file(${here}/changelog ${there}/changelog @ONLY)
if(GZIP)
  compressed(changelog.Debian.gz ${there}/changelog)
  compressed(changelog.gz ${PROJECT_SOURCE_DIR}/CHANGELOG.md)
  foreach(manual gcstreamd.8 gcstreamd.json.5 gcstream-sim.1)
    compressed(${manual}.gz ${PROJECT_SOURCE_DIR}/docs/man/${manual})
  endforeach()
endif()

set(docs ${CMAKE_INSTALL_DATADIR}/doc)
foreach(component IN ITEMS daemon simulator)
  set(package gcstreamd)
  if(component STREQUAL simulator)
    set(package gcstreamd-simulator)
  endif()
  install(FILES ${here}/copyright ${there}/changelog.Debian.gz ${there}/changelog.gz
          DESTINATION ${docs}/${package} COMPONENT ${component}-etc EXCLUDE_FROM_ALL)
endforeach()
install(FILES ${there}/gcstreamd.8.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man8 COMPONENT daemon)
install(FILES ${there}/gcstreamd.json.5.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man5 COMPONENT daemon)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME gcstreamd)
set(CPACK_PACKAGE_CONTACT "${GCSTREAMD_MAINTAINER}")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_SET_DESTDIR ON)  # for what goes to /etc
set(CPACK_STRIP_FILES ON)
set(CPACK_OUTPUT_FILE_PREFIX ${PROJECT_BINARY_DIR}/packages)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE
    GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_COMPONENTS_ALL daemon daemon-etc)
if(BUILD_TESTING)
  list(APPEND CPACK_COMPONENTS_ALL simulator simulator-etc)
endif()
set(CPACK_COMPONENTS_GROUPING ONE_PER_GROUP)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_PACKAGE_RELEASE ${GCSTREAMD_DEBIAN_REVISION})
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)

set(CPACK_DEBIAN_DAEMON_PACKAGE_NAME gcstreamd)
set(CPACK_DEBIAN_DAEMON_PACKAGE_DEPENDS "ca-certificates, procps, systemd | systemd-standalone-sysusers, systemd | systemd-standalone-tmpfiles")
set(CPACK_DEBIAN_DAEMON_PACKAGE_RECOMMENDS logrotate)
set(CPACK_DEBIAN_DAEMON_PACKAGE_SUGGESTS "jq, gcstreamd-simulator")
set(CPACK_DEBIAN_DAEMON_PACKAGE_CONTROL_EXTRA ${here}/postinst ${here}/prerm ${here}/postrm ${here}/conffiles)
set(CPACK_DEBIAN_SIMULATOR_PACKAGE_NAME gcstreamd-simulator)
set(CPACK_DEBIAN_SIMULATOR_PACKAGE_ENHANCES gcstreamd)

set(CPACK_DEBIAN_DAEMON_DESCRIPTION "keeps Genesys Cloud event streams open, without a gap
 It keeps authenticated WebSocket streams from Genesys Cloud open for months,
 verifies their sequence numbers, and writes every event to NDJSON files, to
 standard output and to a hash-chained audit log. What is missing is recorded,
 never silent.")
set(CPACK_DEBIAN_SIMULATOR_DESCRIPTION "simulates an event stream of Genesys Cloud
 It serves tokens and a WebSocket stream of a contact centre's events on the
 loopback address, with drops, gaps, losses and other faults, for trying out
 gcstreamd.")

include(CPack)
foreach(component IN ITEMS daemon simulator)
  cpack_add_component_group(${component})
  cpack_add_component(${component} GROUP ${component})
  cpack_add_component(${component}-etc GROUP ${component})
endforeach()
