// Before the first paint, which a module would come too late for: nobody who chose dark is to be shown white first.
// src/shell/theme.ts keeps what is read here.
{
  const root = document.documentElement
  try {
    for (const choice of ['theme', 'contrast']) {
      const chosen = localStorage.getItem(`tidings.${choice}`)
      if (chosen) root.dataset[choice] = chosen
    }
  } catch {
    // A browser that forbids storage has nothing chosen.
  }
  if (location.pathname.startsWith('/login')) root.dataset.frame = 'none'
}
