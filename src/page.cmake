# cmake -DPAGE=DIRECTORY -DOUTPUT=FILE -P page.cmake
# Puts page.css and the scripts into page.html, and that into a header with the policy that lets a browser
# run these and nothing else: by their SHA-256.
cmake_minimum_required(VERSION 3.25)

set(alphabet "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")

# The base64 of 64 hexadecimal digits: three of them are two characters.
function(base64_of_sha256 text result)
  string(SHA256 hex "${text}")
  set(base64 "")
  foreach(at RANGE 0 62 3)
    string(SUBSTRING "${hex}0" ${at} 3 digits)
    math(EXPR first "0x${digits} >> 6")
    math(EXPR second "0x${digits} & 63")
    string(SUBSTRING "${alphabet}" ${first} 1 one)
    string(SUBSTRING "${alphabet}" ${second} 1 two)
    string(APPEND base64 "${one}${two}")
  endforeach()
  string(SUBSTRING "${hex}" 63 1 digit)
  math(EXPR last "0x${digit} << 2")
  string(SUBSTRING "${alphabet}" ${last} 1 one)
  set(${result} "${base64}${one}=" PARENT_SCOPE)
endfunction()

file(READ ${PAGE}/page.html html)
file(READ ${PAGE}/page.css css)
set(js "'use strict';\n(() => {\n")
foreach(part text charts page)
  file(READ ${PAGE}/${part}.js text)
  string(APPEND js "${text}")
endforeach()
string(APPEND js "})();\n")
base64_of_sha256("${css}" css_hash)
base64_of_sha256("${js}" js_hash)
string(REPLACE "@CSS@" "${css}" html "${html}")
string(REPLACE "@JS@" "${js}" html "${html}")

file(WRITE ${OUTPUT}.new "#pragma once

namespace gcstreamd {

inline constexpr char kStatusPage[] = R\"page(${html})page\";

inline constexpr char kStatusPagePolicy[] =
    \"default-src 'none'; script-src 'sha256-${js_hash}'; style-src 'sha256-${css_hash}'; \"
    \"connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \"
    \"require-trusted-types-for 'script'\";

}  // namespace gcstreamd
")
file(COPY_FILE ${OUTPUT}.new ${OUTPUT} ONLY_IF_DIFFERENT)
file(REMOVE ${OUTPUT}.new)
