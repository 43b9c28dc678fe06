import { useMemo } from 'react'
import type { RankingPartsFragment } from '@/gql/graphql'
import { useNow } from '@/time/now'
import { Board } from './Board'
import { lanesOf } from './lanes'
import { useSignals } from './useIncident'

type Props = { ranking: RankingPartsFragment; mark: string; current: number; onCurrent: (rank: number) => void }

/** The board of a ranking, with the alerts of its neighbourhood. */
export function Picture({ ranking, mark, current, onCurrent }: Props) {
  const now = useNow()
  const signals = useSignals(ranking).data
  const lanes = useMemo(
    () => lanesOf({ services: ranking.services, suspects: ranking.suspects, signals: signals ?? [], now }),
    [ranking, signals, now],
  )
  const first = ranking.suspects.slice(0, 3).filter((s, i) => i === 0 || s.strength !== 'weak')
  const earliest = Math.min(...first.map((s) => Date.parse(s.event.startedAt)), Date.parse(ranking.onset) - 3_000_000)
  return <Board lanes={lanes} at={Date.parse(ranking.onset)} mark={mark} now={now} earliest={earliest} current={current} onCurrent={onCurrent} />
}
