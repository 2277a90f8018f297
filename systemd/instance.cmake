# Makes the unit of one instance for each configuration out of the unit of the one daemon, so that the two
# have one sandbox. cmake -DIN=gcstreamd.service -DOUT=gcstreamd@.service -P instance.cmake
file(READ ${IN} unit)
function(swap from to)
  string(REPLACE "${from}" "${to}" swapped "${unit}")
  if(swapped STREQUAL unit)
    message(FATAL_ERROR "${IN} has no \"${from}\" any more: mend instance.cmake")
  endif()
  set(unit "${swapped}" PARENT_SCOPE)
endfunction()

swap("# One daemon for /etc/gcstreamd/gcstreamd.json; gcstreamd@NAME.service is one for /etc/gcstreamd/NAME.json."
     "# One daemon for each configuration: gcstreamd@NAME.service runs /etc/gcstreamd/NAME.json. Two of them cannot
# share metrics.listen, whose default is 127.0.0.1:9477: give each a port, or unix:/run/gcstreamd-NAME/status")
swap("systemctl edit gcstreamd" "systemctl edit gcstreamd@")
swap("Description=Genesys Cloud event streams" "Description=Genesys Cloud event streams of %i")
swap("/etc/gcstreamd/gcstreamd.json" "/etc/gcstreamd/%i.json")
swap("#   /etc/gcstreamd       gcstreamd.json" "#   /etc/gcstreamd           NAME.json")
swap("#   /var/lib/gcstreamd   state_dir" "#   /var/lib/gcstreamd/NAME  state_dir")
swap("#   /var/log/gcstreamd   where" "#   /var/log/gcstreamd/NAME  where")
swap("#   /run/gcstreamd       for metrics.listen: unix:/run/gcstreamd/status"
     "#   /run/gcstreamd-NAME      for metrics.listen")
swap("\nStateDirectory=gcstreamd" "\nStateDirectory=gcstreamd/%i")
swap("\nLogsDirectory=gcstreamd" "\nLogsDirectory=gcstreamd/%i")
swap("\nRuntimeDirectory=gcstreamd" "\nRuntimeDirectory=gcstreamd-%i")
swap("# The client secret of the stream \"main\"," "# The client secret of the stream %i,")
swap("/etc/credstore/main." "/etc/credstore/%i.")
swap("LoadCredential=main.client_secret" "LoadCredential=%i.client_secret")
file(WRITE ${OUT} "${unit}")
