#include "gcstreamd/sinks/registry.hpp"

#include <array>
#include <stdexcept>
#include <string_view>

#include "gcstreamd/sinks/audit_sink.hpp"
#include "gcstreamd/sinks/file_sink.hpp"
#include "gcstreamd/sinks/stdout_sink.hpp"

namespace gcstreamd {
namespace {

using Factory = std::unique_ptr<Sink> (*)(const SinkContext&, const SinkConfig&,
                                          const std::string& stream, Sink::Callbacks);

struct Entry {
  std::string_view type;
  Factory make;
};

std::unique_ptr<Sink> make_stdout(const SinkContext& context, const SinkConfig&, const std::string&,
                                  Sink::Callbacks callbacks) {
  return std::make_unique<StdoutSink>(context, std::move(callbacks));
}

std::unique_ptr<Sink> make_file(const SinkContext& context, const SinkConfig& config,
                                const std::string&, Sink::Callbacks callbacks) {
  return std::make_unique<FileSink>(context, config, std::move(callbacks));
}

std::unique_ptr<Sink> make_audit(const SinkContext& context, const SinkConfig& config,
                                 const std::string& stream, Sink::Callbacks callbacks) {
  return std::make_unique<AuditSink>(context, config, std::move(callbacks), stream);
}

constexpr auto kTypes = std::to_array<Entry>({
    {"stdout", make_stdout},
    {"file", make_file},
    {"audit", make_audit},
});

}  // namespace

std::unique_ptr<Sink> make_sink(const SinkContext& context, const SinkConfig& config,
                                const std::string& stream, Sink::Callbacks callbacks) {
  for (const Entry& entry : kTypes)
    if (entry.type == config.type)
      return entry.make(context, config, stream, std::move(callbacks));
  throw std::logic_error("no such sink type: " + config.type);
}

}  // namespace gcstreamd
