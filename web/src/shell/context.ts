import { createContext } from 'react'

/** What a page can ask of the frame around it. */
export const ShellContext = createContext({ openMenu: () => {}, openPalette: () => {} })
