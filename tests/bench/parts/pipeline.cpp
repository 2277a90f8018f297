#include "bench/parts/pipeline.hpp"

#include <stdexcept>

namespace gcstreamd::bench {
namespace {

constexpr std::size_t kRead = 16384;  // a TLS record's worth
constexpr Place kStart{1, kFirstNumber - 1};

class NullFile : public AppendFile {
 public:
  boost::system::error_code append(std::string_view bytes) override {
    size_ += bytes.size();
    return {};
  }
  boost::system::error_code sync() override { return {}; }
  boost::system::error_code truncate(std::uint64_t size) override {
    size_ = size;
    return {};
  }
  std::uint64_t size() const override { return size_; }
  boost::system::result<std::string> read(std::uint64_t, std::uint64_t) override {
    return std::string();
  }
  FileId id() const override { return {1, 1, 1}; }
  bool regular() const override { return true; }
  unsigned mode() const override { return 0640; }

 private:
  std::uint64_t size_ = 0;
};

SinkConfig sink(const std::string& type) {
  SinkConfig config;
  config.type = type;
  config.name = type;
  config.path = "/nowhere/" + type;
  config.sync = SinkConfig::Sync::never;  // its calls are the system's, and at times of their own
  return config;
}

}  // namespace

boost::system::result<std::shared_ptr<AppendFile>> NullDisk::open(const std::string&, unsigned) {
  return std::make_shared<NullFile>();
}
boost::system::result<std::string> NullDisk::load(const std::string&) {
  return std::string();
}
boost::system::result<FileId> NullDisk::find(const std::string&) {
  return FileId{1, 1, 1};
}
std::string NullDisk::find_by_id(const std::string&, const FileId&) {
  return {};
}
boost::system::result<std::string> NullDisk::rotate(const std::string&, WallTime) {
  return std::string();
}
std::chrono::nanoseconds NullDisk::age(const std::string&) {
  return {};
}
boost::system::error_code NullDisk::replace(const std::string&, const std::string&) {
  return {};
}
boost::system::error_code NullDisk::sync_directory(const std::string&) {
  return {};
}

SinkBed::SinkBed(const std::vector<std::string>& types) {
  StreamConfig config;
  config.name = "bench";
  for (const std::string& type : types)
    config.sinks.push_back(sink(type));
  DeliveryObserver& observer = *this;
  delivery_ = std::make_unique<Delivery>(context_, config, observer);
  if (const auto fault = delivery_->open({kStart, {}, true, false}); !fault.empty())
    throw std::logic_error(fault);
}

SinkBed::~SinkBed() {
  workers_.join();
}

Pipeline::Pipeline(std::size_t event_bytes)
    : intake_(protocol_, metrics_, bed_.delivery(), GapPolicy(IntegrityConfig()),
              SequenceVerifier(kStart.number),
              [](std::string_view text) { return std::string(text); }),
      block_(event_bytes, kRead) {
  sorter_.begin_frames();
}

void Pipeline::run(std::uint64_t count) {
  while (count > 0) {
    const auto size = std::min<std::uint64_t>(block_.capacity(), count);
    read(block_.frames(next_, size));
    next_ += size;
    count -= size;
    bed_.delivery().flush_if_full();
  }
  bed_.delivery().flush();
  if (bed_.delivery().delivered().number != next_ - 1)
    throw std::logic_error("not every event was delivered");
}

void Pipeline::read(std::string_view bytes) {
  for (;;) {
    const auto verdict = sorter_.sort(bytes);
    if (verdict.next != FrameSorter::Next::take)
      return;
    intake_.on_message(bytes.substr(verdict.header, verdict.size), Now{});
    bytes.remove_prefix(verdict.header + verdict.size);
  }
}

}  // namespace gcstreamd::bench
