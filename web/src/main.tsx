import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { RequestError } from './data/client'
import { App } from './routes'
import { viewerQuery } from './shell/viewer'
import './theme/theme.css'

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // What is on the page stays current through the live stream; focus alone is no news.
      staleTime: 10_000,
      refetchOnWindowFocus: false,
      // The page says itself what is unreachable: it must not wait for the browser's own idea of being online.
      networkMode: 'always',
      retry: (count, error) => error instanceof RequestError && error.offline && count < 2,
    },
    mutations: { networkMode: 'always' },
  },
})
if (!window.location.pathname.startsWith('/login')) void queries.prefetchQuery(viewerQuery)

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <App />
    </QueryClientProvider>
  </StrictMode>,
)
