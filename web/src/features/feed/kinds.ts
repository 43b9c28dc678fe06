export { kindIcon } from '@/shell/kindIcon'
