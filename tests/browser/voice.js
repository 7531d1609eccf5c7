// Stands in for the device's speech engine (Web Speech API, section 4.2).
window.spoken = [];
window.voices = window.voices || [
  { lang: "en-US", localService: true, name: "Sample English" },
  { lang: "zh-TW", localService: true, name: "Sample Taipei" },
  { lang: "zh_CN", localService: false, name: "Sample Beijing" },
];
window.SpeechSynthesisUtterance = function (text) {
  this.text = text;
};
{
  const listeners = [];
  let current = null;
  Object.defineProperty(window, "speechSynthesis", {
    configurable: true,
    value: {
      getVoices: () => window.voices,
      addEventListener: (name, listener) => listeners.push(listener),
      speak: (utterance) => {
        current = utterance;
        window.spoken.push({
          text: utterance.text, rate: utterance.rate, voice: utterance.voice && utterance.voice.name,
        });
      },
      // As in Chrome: what is cut short is told as an error, a moment later.
      cancel: () => {
        const cut = current;
        current = null;
        if (cut) setTimeout(() => cut.onerror && cut.onerror({ error: "interrupted" }), 0);
      },
    },
  });
  window.isSpeaking = () => current !== null;
  window.endOne = () => {
    const done = current;
    current = null;
    if (done) done.onend({});
  };
  window.fail = () => {
    const cut = current;
    current = null;
    cut.onerror({ error: "synthesis-failed" });
  };
  window.voicesCome = (voices) => {
    window.voices = voices;
    for (const listener of listeners) listener();
  };
}
